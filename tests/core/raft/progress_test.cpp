#include "core/raft/progress.hpp"

#include "core/raft/chance.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <utility>

using namespace grape;

TEST_SUITE("core.raft.progress") {
  // rule 38, against a slow twin
  TEST_CASE("the window counts appends and bytes of what was not acknowledged") {
    raft::chance dice{11};
    raft::options limits;
    limits.inflight_max = 9;
    limits.inflight_bytes_max = 300;
    raft::inflight_window window;
    std::deque<std::pair<log_index, std::size_t>> twin;
    log_index last{0};

    for (int step = 0; step < 20'000; ++step) {
      CAPTURE(step);
      switch (dice.below(4)) {
        case 0:
        case 1:
          last = log_index{last.value + 1 + dice.below(4)};
          twin.emplace_back(last, dice.below(90));
          window.add(last, twin.back().second);
          break;
        case 2:
          if (twin.empty())
            break;
          last = last.next();
          twin.back().first = last;
          twin.back().second += 5;
          window.extend_newest(last, 5);
          break;
        default: {
          const log_index acked{last.value - std::min<std::uint64_t>(last.value, dice.below(20))};
          while (!twin.empty() && twin.front().first <= acked)
            twin.pop_front();
          window.free_through(acked);
        }
      }
      std::size_t bytes = 0;
      for (const auto& one : twin)
        bytes += one.second;
      CHECK(window.count() == twin.size());
      CHECK(window.full(limits) == (twin.size() >= 9 || bytes >= 300));
    }
  }

  // rule 15
  TEST_CASE("whatever comes in whatever order: match never falls and stays below next") {
    raft::chance dice{12};
    raft::options limits;
    limits.inflight_max = 3;
    raft::progress one;

    for (int step = 0; step < 50'000; ++step) {
      CAPTURE(step);
      const auto match_before = one.match;
      const log_index any{dice.below(60)};
      switch (dice.below(7)) {
        case 0: one.acked(any); break;
        case 1: one.refused(any, log_index{dice.below(60)}); break;
        case 2:
          if (one.state != raft::progress_state::snapshot)
            one.sent(dice.below(3), 10, limits);
          break;
        case 3: one.become_probe(); break;
        case 4: one.become_replicate(); break;
        case 5: one.become_snapshot(any); break;
        default: one.held_back = false;
      }
      CHECK(one.match >= match_before);
      CHECK(one.match < one.next);
      CHECK((one.state == raft::progress_state::replicate || one.window.count() == 0));
    }
  }

  TEST_CASE("a stale refusal changes nothing") {
    raft::progress one;
    one.acked(log_index{5});
    one.next = log_index{10};

    CHECK_FALSE(one.refused(log_index{7}, log_index{2})); // Not the probe that is out.
    CHECK(one.next == log_index{10});
    CHECK_FALSE(one.refused(log_index{5}, log_index{2})); // At or below match.
    CHECK(one.refused(log_index{9}, log_index{2}));
    CHECK(one.next == log_index{6}); // Never below what is certain.
  }
}
