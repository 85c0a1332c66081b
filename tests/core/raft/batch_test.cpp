// Goal: an append holds at most so many entries, and everything arrives all the same; and what the
// leader's messages say of the group's commits is true.

#include "small_group.hpp"

#include "core/raft/chance.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <variant>

using namespace grape;
using namespace grape::testing;
using raft::message_kind;

namespace {

small_group led_by_first(raft::options how) {
  how.prevote = false;
  return {voters(3), how};
}

} // namespace

TEST_SUITE("core.raft.batch") {
  TEST_CASE("no append has more entries than allowed, whoever lags, and all of them arrive") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      CAPTURE(seed);
      raft::chance draw{seed};
      raft::options how;
      how.message_entries_max = 1 + draw.below(4);
      auto group = led_by_first(how);
      group[n1].campaign();
      group.settle();
      std::size_t biggest = 0;
      bool lossy = true;
      group.passes = [&](const raft::message& one) {
        if (one.kind == message_kind::append)
          biggest = std::max(biggest, one.entries.size());
        return !lossy || draw.below(5) != 0;
      };
      log_index last;
      for (int round = 0; round < 30; ++round) {
        for (auto many = draw.below(12); many > 0; --many) {
          const auto what = group[n1].propose(bytes("entry"));
          REQUIRE(std::holds_alternative<raft::appended>(what));
          last = std::get<raft::appended>(what).index;
        }
        group.settle();
        group.node(n1).tick();
      }
      lossy = false;
      for (int round = 0; round < 20; ++round) {
        group.node(n1).tick();
        group.settle();
      }

      CHECK(biggest == how.message_entries_max);
      for (const auto which : {n1, n2, n3})
        CHECK(group[which].commit() >= last);
    }
  }

  TEST_CASE("without a limit what was proposed together leaves together") {
    auto group = led_by_first({});
    group[n1].campaign();
    group.settle();
    std::size_t biggest = 0;
    group.passes = [&](const raft::message& one) {
      biggest = std::max(biggest, one.entries.size());
      return true;
    };
    for (int i = 0; i < 20; ++i)
      group[n1].propose(bytes("entry"));
    group.settle();
    CHECK(biggest == 20);
  }

  TEST_CASE("appends and heartbeats say all that is committed, once the leader knows it") {
    auto group = led_by_first({});
    std::vector<log_index> told;
    group.passes = [&](const raft::message& one) {
      if (one.kind == message_kind::append || one.kind == message_kind::heartbeat)
        told.push_back(one.hint);
      return true;
    };
    group[n1].campaign();
    group.settle();
    REQUIRE_FALSE(told.empty());
    CHECK(told.front() == log_index{}); // With its first entry, which nobody has yet.
    CHECK(group[n1].certain_commit() == log_index{1});
    CHECK(group[n2].certain_commit() == log_index{});

    told.clear();
    group.node(n1).tick();
    group.settle();
    REQUIRE_FALSE(told.empty());
    CHECK(told.back() == log_index{1});
  }

  TEST_CASE("a follower that lags is told what is committed, not only what it has") {
    auto group = led_by_first({});
    group[n1].campaign();
    group.settle();
    log_index told;
    group.passes = [&](const raft::message& one) {
      if (one.to == n3 && one.kind == message_kind::heartbeat)
        told = one.hint;
      return one.to != n3 || one.kind == message_kind::heartbeat;
    };
    group[n1].propose(bytes("entry"));
    group.settle();
    group.node(n1).tick();
    group.settle();
    CHECK(group[n3].commit() == log_index{1});
    CHECK(told == log_index{2});
  }
}
