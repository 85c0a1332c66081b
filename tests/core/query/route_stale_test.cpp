// Goal: what `stale_route` means on the way of a write depends on whether the attempt was in doubt:
// then the shard's sessions were asked.

#include "core/query/route.hpp"

#include <doctest/doctest.h>

using namespace grape;

namespace {

using query::route;

constexpr node_number n1{1};
constexpr node_number n2{2};
constexpr node_number n3{3};

route write_to_three() {
  return {query::route_goal::write,
          {{n1, true, 300}, {n2, true, 100}, {n3, true, 200}},
          n1,
          10'000,
          {}};
}

/// Whom it asks now, or nobody.
std::optional<node_number> sends(route& way, std::uint64_t now_ms) {
  const auto step = way.next(now_ms);
  const auto* send = std::get_if<route::send>(&step);
  return send != nullptr ? std::optional{send->to} : std::nullopt;
}

status gives_up(route& way, std::uint64_t now_ms) {
  const auto step = way.next(now_ms);
  REQUIRE(std::holds_alternative<route::give_up>(step));
  return std::get<route::give_up>(step).why;
}

const status broken{errc::commit_unknown, "the link broke"};

} // namespace

TEST_SUITE("core.query.route") {
  TEST_CASE("a stale attempt in doubt says that none took effect, any other speaks for itself") {
    const status stale{errc::stale_route, "another schema"};
    auto way = write_to_three();
    CHECK(sends(way, 0) == n1);
    way.failed(n1, broken, {}, 5);
    CHECK(sends(way, 5) == n2);
    way.failed(n2, stale, {}, 9);
    CHECK(gives_up(way, 9) == stale);

    auto first = write_to_three();
    CHECK(sends(first, 0) == n1);
    first.failed(n1, stale, {}, 5);
    CHECK(gives_up(first, 5) == stale);

    auto hedged = write_to_three();
    CHECK(sends(hedged, 0) == n1);
    CHECK(sends(hedged, 500) == n2);   // In doubt: the first may still take effect,
    hedged.failed(n1, stale, {}, 501); // and now it surely does not, but the second may.
    CHECK(sends(hedged, 1'000) == n3);
    hedged.failed(n2, broken, {}, 1'002);
    hedged.failed(n3, stale, {}, 1'003);
    CHECK(gives_up(hedged, 1'003) == stale);
  }

  TEST_CASE("a shard that is no more ends a question at once, but for a write under way") {
    auto read = route{query::route_goal::read, {{n1, true, 0}}, n1, 10'000, {}};
    CHECK(sends(read, 0) == n1);
    read.gone(5);
    CHECK(gives_up(read, 5).code == errc::stale_route);

    auto refused = write_to_three();
    CHECK(sends(refused, 0) == n1);
    refused.failed(n1, {errc::unavailable, "no leader"}, {}, 5);
    refused.gone(5);
    CHECK(gives_up(refused, 5).code == errc::stale_route);

    auto in_doubt = write_to_three();
    CHECK(sends(in_doubt, 0) == n1);
    in_doubt.failed(n1, broken, {}, 5);
    in_doubt.gone(5);
    CHECK(gives_up(in_doubt, 5).code == errc::commit_unknown);

    auto silent = write_to_three();
    CHECK(sends(silent, 0) == n1);
    silent.gone(5);
    silent.gone(700); // Says nothing new.
    const auto step = silent.next(800);
    REQUIRE(std::holds_alternative<route::wait>(step));
    CHECK(std::get<route::wait>(step).until_ms == 1'005);
    CHECK(gives_up(silent, 1'005).code == errc::commit_unknown);
  }
}
