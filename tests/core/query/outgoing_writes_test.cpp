#include "core/query/outgoing_writes.hpp"

#include "core/shard/write_sessions.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>

using namespace grape;
using query::outgoing_writes;

namespace {

constexpr group_id shard_a{1};
constexpr group_id shard_b{2};
const shard::write_session own{node_number{3}, 1, {7, 2}};

} // namespace

TEST_SUITE("core.query.outgoing_writes") {
  TEST_CASE("each shard has a session of its own, whose writes count up") {
    outgoing_writes of{own};
    const auto first = of.begin(shard_a);
    CHECK(first->session == own);
    CHECK(first->number == 1);
    CHECK(first->settled == 1);
    CHECK(of.begin(shard_a)->number == 2);
    CHECK(of.begin(shard_b)->number == 1);
  }

  TEST_CASE("a stamp says how far all is settled, and where the log was seen") {
    outgoing_writes of{own};
    for (int i = 0; i < 3; ++i)
      (void)of.begin(shard_a);
    of.settle(shard_a, 2);
    CHECK(of.begin(shard_a)->settled == 1);
    of.settle(shard_a, 1);
    of.seen(shard_a, log_index{9});
    of.seen(shard_a, log_index{8});

    const auto next = of.begin(shard_a);

    CHECK(next->settled == 3);
    CHECK(next->since == log_index{9});
  }

  TEST_CASE("what is alive or on its way is not forgotten") {
    outgoing_writes of{own};
    of.settle(shard_a, of.begin(shard_a)->number);
    (void)of.begin(shard_b);
    of.forget_unless([](group_id) { return false; });
    const auto anew = of.begin(shard_a);
    CHECK(anew->settled == anew->number);
    CHECK(of.begin(shard_b)->number == 2);
  }

  TEST_CASE("a catalog that goes back for a moment lets no shard take a new write for an old one") {
    outgoing_writes of{own};
    shard::write_sessions applied;
    log_index end;
    for (int round = 0; round < 5; ++round) {
      for (int i = 0; i < round; ++i) {
        const auto stamp = of.begin(shard_a);
        using fate = shard::write_sessions::fate;
        REQUIRE_MESSAGE(applied.look(*stamp).is == fate::kind::fresh, "round " << round);
        end = end.next();
        (void)applied.admit(*stamp, end);
        of.seen(shard_a, end);
        of.settle(shard_a, stamp->number);
      }
      of.settle(shard_b, of.begin(shard_b)->number);
      of.forget_unless([](group_id) { return false; }); // META fell before it had saved the shard.
      of.forget_unless([](group_id) { return true; });
    }
  }

  TEST_CASE("stamps of writes on their way fit into the window, and their numbers are unique") {
    std::mt19937_64 random{5};
    outgoing_writes of{own};
    std::set<std::uint64_t> open;
    std::uint64_t last = 0;
    std::size_t without = 0;
    for (int step = 0; step < 60'000; ++step) {
      if (random() % 100 < 45 && !open.empty() && step < 30'000) {
        // The oldest stays, so that the window fills.
        const auto at = open.size() > 1 ? std::next(open.begin()) : open.begin();
        of.settle(shard_a, *at);
        open.erase(at);
        continue;
      }
      const auto stamp = of.begin(shard_a);
      if (!stamp) {
        ++without;
        REQUIRE(last + 1 - *open.begin() >= shard::write_window);
        of.settle(shard_a, *open.begin());
        open.erase(open.begin());
        continue;
      }
      REQUIRE(stamp->number == ++last);
      open.insert(stamp->number);
      REQUIRE(stamp->settled == *open.begin());
      REQUIRE(stamp->number - stamp->settled < shard::write_window);
    }
    CHECK(without > 100);
  }
}
