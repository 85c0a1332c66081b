#include "tests/simulation/disk.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace grape;
using namespace grape::simulation;

staged_snapshot begin_at(std::uint64_t index) {
  staged_snapshot first;
  first.mark.index = first.data.applied = log_index{index};
  first.mark.term = grape::term{1};
  first.data.members = std::make_shared<const raft::configuration>();
  return first;
}

raft::write write_of(std::uint64_t token, std::uint64_t index, std::uint64_t term) {
  raft::write next;
  next.token = raft::write_token{token};
  next.state = {grape::term{term}, replica_id{token}, log_index{1}};
  next.entries.push_back({log_index{index}, grape::term{term}, raft::entry_kind::normal,
                          std::make_shared<const std::string>("some bytes")});
  return next;
}

} // namespace

TEST_SUITE("simulation.disk") {
  TEST_CASE("nothing is durable before its write is done, and writes are done in order") {
    disk it{begin_at(1)};
    it.queue(write_of(1, 2, 2), {});
    it.queue(write_of(2, 3, 3), {});
    CHECK(it.last() == log_index{1});

    it.complete_oldest();

    CHECK(it.last() == log_index{2});
    CHECK(it.state().term == grape::term{2});
    CHECK(it.oldest() == raft::write_token{2});
  }

  TEST_CASE("a write replaces the log from its first entry on") {
    disk it{begin_at(1)};
    for (const auto& each : {write_of(1, 2, 2), write_of(2, 3, 2), write_of(3, 2, 3)}) {
      it.queue(each, {});
      it.complete_oldest();
    }

    CHECK(it.last() == log_index{2});
    CHECK(it.term_at(log_index{2}) == grape::term{3});
  }

  TEST_CASE("a crash keeps a prefix of whole writes") {
    std::array<int, 4> seen{};
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      chance luck{seed};
      disk it{begin_at(1)};
      for (std::uint64_t i = 1; i <= 3; ++i)
        it.queue(write_of(i, i + 1, i + 1), {});

      it.crash(luck, true, true);

      const auto kept = it.last().value - 1;
      ++seen[kept];
      CHECK(it.queued() == 0);
      CHECK(it.state().term == grape::term{kept + 1});
      CHECK(it.state().vote == replica_id{kept});
      for (const auto& each : it.entries(log_index{2}, it.last(), 1'000))
        CHECK(*each.data == "some bytes");
    }
    for (const auto count : seen)
      CHECK(count > 0);
  }

  TEST_CASE("the state machine falls back to its last sync at most") {
    chance luck{1};
    disk it{begin_at(1)};
    for (std::uint64_t i = 2; i <= 9; ++i) {
      auto next = it.current_state();
      next.applied = log_index{i};
      it.put_state(next);
      if (i == 5)
        it.sync_state();
    }

    it.crash(luck, false, true);

    CHECK(it.current_state().applied >= log_index{5});
    CHECK(it.current_state().applied <= log_index{9});
  }

  TEST_CASE("a snapshot that the log holds keeps what follows") {
    disk it{begin_at(1)};
    for (std::uint64_t i = 1; i <= 3; ++i) {
      it.queue(write_of(i, i + 1, 2), {});
      it.complete_oldest();
    }
    auto at_three = begin_at(3);
    at_three.mark.term = grape::term{2};
    raft::write next;
    next.token = raft::write_token{4};
    next.state = it.state();
    next.snapshot = at_three.mark;

    it.queue(next, at_three);
    CHECK(it.complete_oldest());

    CHECK(it.snapshot().index == log_index{3});
    CHECK(it.last() == log_index{4});
  }
}
