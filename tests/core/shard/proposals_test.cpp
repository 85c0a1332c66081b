#include "core/shard/proposals.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::shard;

namespace {

constexpr pipeline_limits small{.bytes_max = 100, .entries_max = 3, .entry_bytes_max = 60};
constexpr term t1{1};
constexpr term t2{2};
constexpr schema_version v1{1};
constexpr schema_version v2{2};

/// A leader that has applied all before its first entry, 10.
proposals ready_leader() {
  proposals made{small};
  made.lead(t1, log_index{10});
  made.applied(log_index{10}, v1);
  return made;
}

} // namespace

TEST_SUITE("shard.proposals") {
  TEST_CASE("a leader takes nothing before it knows what stands at the end of its log") {
    proposals of{small};
    CHECK(of.propose_points(v1, 1).error().code == errc::unavailable);
    of.lead(t1, log_index{10});
    of.applied(log_index{9}, v1);
    CHECK(of.propose_points(v1, 1).error().code == errc::unavailable);
    of.applied(log_index{10}, v1);
    CHECK(of.is_ready());
    CHECK(of.propose_points(v1, 1).ok());
    of.follow();
    CHECK(of.propose_points(v1, 1).error().code == errc::unavailable);
  }

  TEST_CASE("what is let in is bounded, and room comes back") {
    auto of = ready_leader();
    CHECK(of.propose_points(v1, 61).error().code == errc::too_large);
    const auto first = of.propose_points(v1, 60);
    REQUIRE(first.ok());
    CHECK(of.propose_points(v1, 60).error().code == errc::overloaded);
    CHECK(of.refused(*first));
    CHECK_FALSE(of.refused(*first));
    for (int i = 0; i < 3; ++i)
      CHECK(of.propose_points(v1, 1).ok());
    CHECK(of.propose_points(v1, 1).error().code == errc::overloaded);
  }

  TEST_CASE("an entry is a proposal's only if index and term are") {
    auto of = ready_leader();
    const auto a = of.propose_points(v1, 1);
    const auto b = of.propose_points(v1, 1);
    of.taken(*a, log_index{11}, t1);
    of.taken(*b, log_index{12}, t1);
    of.follow();
    CHECK(of.committed(log_index{10}, t1).won == std::nullopt);
    CHECK(of.committed(log_index{11}, t1).won == *a);
    const auto other = of.committed(log_index{12}, t2);
    CHECK(other.won == std::nullopt);
    CHECK(other.lost == *b);
    CHECK(of.open() == 0);
  }

  TEST_CASE("an index given twice is the newer proposal's") {
    auto of = ready_leader();
    const auto old = of.propose_points(v1, 1);
    of.taken(*old, log_index{11}, t1);
    of.follow();
    CHECK(of.committed(log_index{11}, t2).lost == *old);
    of.lead(term{3}, log_index{12});
    of.applied(log_index{12}, v1);
    const auto young = of.propose_points(v1, 1);
    of.taken(*young, log_index{13}, term{3});
    CHECK(of.committed(log_index{13}, term{3}).won == *young);
  }

  TEST_CASE("proposals whose places this leader gives to others take no room for ever") {
    auto of = ready_leader();
    term now = t1;
    for (std::uint64_t next = 11; next < 16; ++next) {
      for (std::uint64_t i = 0; i < small.entries_max; ++i) {
        const log_index place{next + i};
        const auto ticket = of.propose_points(v1, 1);
        REQUIRE_MESSAGE(ticket.ok(), "at " << place.value);
        CHECK_FALSE(of.open_at(place).has_value()); // Of the last term: lost when it began.
        of.taken(*ticket, place, now);
        CHECK(of.open_at(place) == *ticket);
      }
      of.follow(); // Another leader put one entry in the place of all three.
      CHECK(of.committed(log_index{next}, term{now.value + 1}).lost.has_value());
      now = term{now.value + 2};
      CHECK(of.lead(now, log_index{next}).size() == small.entries_max - 1);
      of.applied(log_index{next}, v1);
    }
  }

  TEST_CASE("who leads anew knows which of its proposals surely never take effect") {
    auto of = ready_leader();
    const auto kept = of.propose_points(v1, 1);
    const auto lost = of.propose_points(v1, 1);
    of.taken(*kept, log_index{11}, t1);
    of.taken(*lost, log_index{12}, t1);
    of.follow();

    // Its log ends with entry 11, whoever it is of, and with the empty one that begins term 3.
    CHECK(of.lead(term{3}, log_index{12}) == std::vector<std::uint64_t>{*lost});

    CHECK(of.open() == 1);
    CHECK(of.committed(log_index{11}, t1).won == *kept);
    const auto own = of.committed(log_index{12}, term{3});
    CHECK_FALSE((own.won || own.lost));
    of.applied(log_index{12}, v1);
    const auto next = of.propose_points(v1, 1);
    of.taken(*next, log_index{13}, term{3});
    CHECK(of.lead(term{3}, log_index{13}).empty()); // Told once more.
    CHECK(of.committed(log_index{13}, term{3}).won == *next);
  }

  TEST_CASE("the lag is that of the oldest batch that no majority has, and of all bytes") {
    auto of = ready_leader();
    const async_limits limits{.lag_ms_max = 10, .lag_bytes_max = 50};
    CHECK(of.check_lag(1'000, limits).ok());
    const auto first = of.propose_points({v1, 30, 100, false});
    const auto second = of.propose_points({v1, 20, 105, false});
    of.taken(*first, log_index{11}, t1);
    of.taken(*second, log_index{12}, t1);
    CHECK(of.check_lag(110, limits).ok());
    CHECK(of.check_lag(111, limits).code == errc::overloaded);
    CHECK(of.check_lag(100, {10, 49}).code == errc::overloaded);
    (void)of.committed(log_index{11}, t1);
    CHECK(of.check_lag(115, limits).ok());
    CHECK(of.check_lag(116, limits).code == errc::overloaded);
    (void)of.committed(log_index{12}, t1);
    CHECK(of.check_lag(1'000, limits).ok());
  }

  TEST_CASE("a second attempt goes into the log whatever its schema, for the sessions to judge") {
    auto of = ready_leader();
    REQUIRE(of.propose_schema(v2, 10).ok());
    CHECK(of.propose_points({v1, 1, 0, false}).error().code == errc::stale_route);
    CHECK(of.propose_points({v1, 1, 0, true}).ok());
  }

  TEST_CASE("writes follow the schema at the end of the log") {
    auto of = ready_leader();
    const auto change = of.propose_schema(v2, 10);
    REQUIRE(change.ok());
    REQUIRE(change->has_value());
    CHECK(of.propose_points(v1, 1).error().code == errc::stale_route);
    CHECK(of.propose_points(v2, 1).ok());
    const auto again = of.propose_schema(v2, 10);
    REQUIRE(again.ok());
    CHECK_FALSE(again->has_value());
  }

  TEST_CASE("a refused change of schema leaves those in doubt that counted on it") {
    auto of = ready_leader();
    const auto change = of.propose_schema(v2, 10);
    const auto after = of.propose_points(v2, 1);
    REQUIRE(after.ok());
    of.taken(*after, log_index{11}, t1);
    CHECK(of.refused(**change));
    CHECK_FALSE(of.is_ready());
    of.applied(log_index{10}, v1);
    CHECK_FALSE(of.is_ready());
    CHECK(of.committed(log_index{11}, t1).doubtful);
    of.applied(log_index{11}, v1);
    CHECK(of.is_ready());
    const auto next = of.propose_points(v1, 1);
    REQUIRE(next.ok());
    of.taken(*next, log_index{12}, t1);
    CHECK_FALSE(of.committed(log_index{12}, t1).doubtful);
  }
}
