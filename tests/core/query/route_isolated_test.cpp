#include "core/query/route.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace grape;

namespace {

using query::route;
using query::route_goal;

constexpr node_number n1{1};
constexpr node_number n2{2};
constexpr node_number n3{3};

route to_three(route_goal goal) {
  return {goal, {{n1, true, 300}, {n2, false, 100}, {n3, false, 200}}, n1, 10'000, {}};
}

bool gives_up(route& way, std::uint64_t now_ms) {
  return std::holds_alternative<route::give_up>(way.next(now_ms));
}

} // namespace

TEST_SUITE("core.query.route") {
  TEST_CASE("a node that is cut off says so soon, and goes on if it is heard again") {
    for (const auto goal : {route_goal::read, route_goal::write, route_goal::single_write}) {
      auto way = to_three(goal);
      way.hears(false);
      CHECK(std::holds_alternative<route::send>(way.next(10)));
      way.failed(n1, {errc::unavailable, "not the leader"}, {}, 10);
      (void)way.next(10);
      CHECK_FALSE(gives_up(way, 2'009));

      auto back = way;
      back.hears(true);
      CHECK_FALSE(gives_up(back, 2'010));
      back.hears(false);
      CHECK_FALSE(gives_up(back, 3'000));

      CHECK(gives_up(way, 2'010));
    }
    auto nearest = to_three(route_goal::nearest_read);
    nearest.hears(false);
    (void)nearest.next(0);
    CHECK_FALSE(gives_up(nearest, 5'000));
  }

  TEST_CASE("a majority is counted with witnesses and without learners") {
    cluster::shard_replicas shard;
    shard.replicas = {{replica_id{1}, n1},
                      {replica_id{2}, n2},
                      {replica_id{3}, n3, cluster::replica_role::witness},
                      {replica_id{4}, node_number{4}, cluster::replica_role::learner}};
    const auto heard = [&shard](node_number self, const std::set<node_number>& alive) {
      return query::hears_majority(
          shard, self,
          [&alive](node_number node) { return query::route_peer{alive.contains(node), 0}; });
    };
    CHECK(heard(n1, {n3}));
    CHECK(heard(n1, {n2}));
    CHECK_FALSE(heard(n1, {node_number{4}}));
    CHECK_FALSE(heard(node_number{4}, {n2}));
    CHECK(heard(node_number{5}, {n1, n2}));
  }
}
