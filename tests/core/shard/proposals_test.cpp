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
        CHECK(of.open_at(place).has_value() == (next > 11 && i < 2)); // Of the last term.
        of.taken(*ticket, place, now);
        CHECK(of.open_at(place) == *ticket);
      }
      of.follow(); // Another leader put one entry in the place of all three.
      CHECK(of.committed(log_index{next}, term{now.value + 1}).lost.has_value());
      now = term{now.value + 2};
      of.lead(now, log_index{next});
      of.applied(log_index{next}, v1);
    }
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
