#include "core/raft/member_history.hpp"

#include "core/raft/codec.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::raft;

namespace {

entry change_at(std::uint64_t index, const configuration_change& change) {
  return {log_index{index}, term{1}, entry_kind::configuration,
          std::make_shared<const std::string>(encode(change))};
}

configuration of(replica_set voters, replica_set learners = {}) {
  configuration made;
  made.voters = std::move(voters);
  made.learners = std::move(learners);
  return made;
}

constexpr replica_id a{1};
constexpr replica_id b{2};

} // namespace

TEST_SUITE("raft.member_history") {
  TEST_CASE("the members as of each index") {
    member_history history{log_index{1}, of({a})};
    CHECK(history.applied({log_index{2}, term{1}, entry_kind::normal, nullptr}).ok());
    CHECK(history.applied(change_at(5, {change_mode::automatic, {{change_kind::add_learner, b}}}))
              .ok());
    CHECK(history.applied(change_at(9, {change_mode::automatic, {{change_kind::add_voter, b}}}))
              .ok());
    CHECK(history.at(log_index{1}) == of({a}));
    CHECK(history.at(log_index{4}) == of({a}));
    CHECK(history.at(log_index{5}) == of({a}, {b}));
    CHECK(history.at(log_index{8}) == of({a}, {b}));
    CHECK(history.at(log_index{100}) == of({a, b}));
    CHECK(history.newest() == of({a, b}));
    CHECK(history.since() == log_index{9});
  }

  TEST_CASE("what is below is forgotten, the members at the border are not") {
    member_history history{log_index{1}, of({a})};
    CHECK(history.applied(change_at(5, {change_mode::automatic, {{change_kind::add_learner, b}}}))
              .ok());
    history.forget_below(log_index{7});
    CHECK(history.at(log_index{7}) == of({a}, {b}));
    history.forget_below(log_index{3}); // Long gone.
    CHECK(history.newest() == of({a}, {b}));
  }

  TEST_CASE("a change that the members refuse changes nothing") {
    member_history history{log_index{1}, of({a})};
    CHECK(history.applied(change_at(2, {change_mode::automatic, {{change_kind::remove, a}}})).ok());
    CHECK(history.newest() == of({a}));
    CHECK(history.since() == log_index{1});
  }

  TEST_CASE("damaged bytes are refused") {
    member_history history{log_index{1}, of({a})};
    const entry broken{log_index{2}, term{1}, entry_kind::configuration,
                       std::make_shared<const std::string>("?")};
    CHECK_FALSE(history.applied(broken).ok());
  }
}
