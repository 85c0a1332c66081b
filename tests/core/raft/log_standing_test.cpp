#include "core/raft/log_standing.hpp"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

using namespace grape;
using namespace grape::raft;

namespace {

/// Led by member 1, which has entry 50 on its disk.
peer_status leader_of(replica_set voters, const std::vector<std::pair<int, int>>& matches) {
  peer_status is;
  is.leader = replica_id{1};
  is.term = term{7};
  is.durable = log_index{50};
  is.members.voters = std::move(voters);
  for (const auto& [id, match] : matches) {
    progress_status one;
    one.which = replica_id{static_cast<std::uint64_t>(id)};
    one.match = log_index{static_cast<std::uint64_t>(match)};
    is.progress.push_back(one);
  }
  return is;
}

const replica_id r1{1}, r2{2}, r3{3}, r4{4};

std::vector<log_index> indexes(std::initializer_list<std::uint64_t> of) {
  std::vector<log_index> made;
  for (const auto one : of)
    made.push_back(log_index{one});
  return made;
}

} // namespace

TEST_SUITE("raft.log_standing") {
  TEST_CASE("everywhere is with every voter that was heard lately") {
    auto is = leader_of({r1, r2, r3}, {{1, 45}, {2, 40}, {3, 7}, {4, 1}});
    is.members.learners = {r4};
    CHECK(standing_of_log(is, {r2, r3, r4}).everywhere == log_index{7});
    CHECK(standing_of_log(is, {r2, r4}).everywhere == log_index{40});
    CHECK(standing_of_log(is, {}).everywhere == log_index{50});
  }

  TEST_CASE("copies are those of voters with data, whether they are heard or not") {
    auto is = leader_of({r1, r2, r3, r4}, {{1, 45}, {2, 7}, {3, 40}, {4, 50}});
    is.members.witnesses = {r4};
    const auto told = standing_of_log(is, {r2});
    CHECK(told.term == term{7});
    CHECK(told.logged == log_index{50});
    CHECK(told.copies == indexes({50, 40, 7}));
    CHECK(told.majority == 3); // The witness votes.
  }

  TEST_CASE("one that leaves by a joint change takes its copy along, but is waited for") {
    auto is = leader_of({r1, r2}, {{1, 50}, {2, 30}, {3, 10}});
    is.members.outgoing = {r1, r3};
    const auto told = standing_of_log(is, {r2, r3});
    CHECK(told.copies == indexes({50, 30}));
    CHECK(told.everywhere == log_index{10});
    CHECK(told.majority == 2);
  }

  TEST_CASE("heard lately is within so many ticks") {
    const std::map<replica_id, std::uint32_t> heard{{r1, 10}, {r2, 20}, {r3, 30}};
    CHECK(heard_since(heard, 30, 10) == replica_set{r2, r3});
    CHECK(heard_since(heard, 30, 0) == replica_set{r3});
    CHECK(heard_since({}, 30, 10).empty());
  }
}
