#include "core/query/route.hpp"

#include <doctest/doctest.h>

using namespace grape;
using query::route;
using query::route_goal;

namespace {

constexpr node_number n1{1};
constexpr node_number n2{2};
constexpr node_number n3{3};

const status no_leader{errc::unavailable, "there is no leader"};

route to_three(route_goal goal) {
  return {goal, {{n1, true, 300}, {n2, true, 100}, {n3, true, 200}}, n1, 10'000, {}};
}

std::optional<node_number> sends(route& way, std::uint64_t now_ms) {
  const auto step = way.next(now_ms);
  const auto* send = std::get_if<route::send>(&step);
  return send != nullptr ? std::optional{send->to} : std::nullopt;
}

/// Whom it asks at this time, all of whom know no leader.
void ask_in_vain(route& way, std::uint64_t now_ms) {
  while (const auto to = sends(way, now_ms))
    way.failed(*to, no_leader, {}, now_ms);
}

} // namespace

TEST_SUITE("core.query.route.leader") {
  TEST_CASE("a write that waits for a leader asks it as soon as it is known") {
    auto way = to_three(route_goal::write);
    for (const std::uint64_t now_ms : {0, 20, 60, 140})
      ask_in_vain(way, now_ms);
    REQUIRE_FALSE(sends(way, 150).has_value());

    way.led_by(n3, 150);

    CHECK(sends(way, 150) == n3);
    way.failed(n3, {errc::unavailable, "not ready yet"}, n3, 151);
    ask_in_vain(way, 151); // The others of this round; then the pauses are short again.
    CHECK(sends(way, 171).has_value());
  }

  TEST_CASE("a write that is with a node that is gone, and not with a slow one, is asked about") {
    auto way = to_three(route_goal::write);
    CHECK(sends(way, 0) == n1);
    way.led_by(n2, 100); // n1 is well: a leader that handed over answers.
    CHECK_FALSE(sends(way, 100).has_value());
    way.retarget({{n1, false, 300}, {n2, true, 100}, {n3, true, 200}});

    way.led_by(n2, 110);

    const auto step = way.next(110);
    REQUIRE(std::holds_alternative<route::send>(step));
    CHECK(std::get<route::send>(step).to == n2);
    CHECK(std::get<route::send>(step).again);
    way.led_by(n2, 120); // It has it.
    CHECK_FALSE(sends(way, 120).has_value());
  }

  TEST_CASE("a write that nobody may repeat stays where it is") {
    auto way = to_three(route_goal::single_write);
    CHECK(sends(way, 0) == n1);
    way.retarget({{n1, false, 300}, {n2, true, 100}, {n3, true, 200}});

    way.led_by(n2, 10);

    CHECK_FALSE(sends(way, 10).has_value());
  }
}
