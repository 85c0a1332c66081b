#include "core/query/route.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace grape;
using query::route;
using query::route_goal;

namespace {

constexpr node_number n1{1};
constexpr node_number n2{2};
constexpr node_number n3{3};
constexpr std::uint64_t deadline_ms = 10'000;
const status unavailable{errc::unavailable, "not the leader"};

std::optional<node_number> sends(route& way, std::uint64_t now_ms) {
  const auto step = way.next(now_ms);
  const auto* send = std::get_if<route::send>(&step);
  return send != nullptr ? std::optional{send->to} : std::nullopt;
}

} // namespace

TEST_SUITE("core.query.route_targets") {
  TEST_CASE("voters with data can be asked, the near ones first, those not measured last") {
    cluster::shard_replicas shard;
    using role = cluster::replica_role;
    shard.replicas = {{replica_id{1}, n1, role::voter},
                      {replica_id{2}, n2, role::voter},
                      {replica_id{3}, n3, role::voter},
                      {replica_id{4}, node_number{4}, role::learner},
                      {replica_id{5}, node_number{5}, role::witness},
                      {replica_id{6}, node_number{6}, role::voter}};
    const auto peer = [](node_number of) {
      return of == n1   ? query::route_peer{true, 0}
             : of == n2 ? query::route_peer{true, 800}
                        : query::route_peer{false, 10};
    };

    const auto targets = query::targets_of(shard, n3, peer);
    route way{route_goal::nearest_read, targets, {}, deadline_ms, {}};
    std::vector<node_number> order;
    while (const auto to = sends(way, order.size())) {
      order.push_back(*to);
      way.failed(*to, unavailable, {}, order.size());
    }

    CHECK(order == std::vector{n3, n2, n1, node_number{6}});
  }

  TEST_CASE("a failure names the shard and who was asked; what clients know stays as it is") {
    const auto name = [](node_number of) { return "n" + std::to_string(of.value); };
    const std::vector<node_number> asked{n2, n1, n2};

    CHECK(query::with_attempts(unavailable, "words/0", asked, name)
          == status{errc::unavailable, "shard words/0: not the leader (asked n2 2 times, n1)"});
    CHECK(query::with_attempts({errc::timed_out, "late"}, "words/0", {}, name).detail
          == "shard words/0: late (nobody could be asked)");
    const status wrong{errc::wrong_input, "wrong dimension"};
    CHECK(query::with_attempts(wrong, "words/0", asked, name) == wrong);
  }
}
