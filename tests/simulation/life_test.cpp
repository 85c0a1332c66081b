#include "tests/simulation/fleet/life.hpp"

#include <doctest/doctest.h>

namespace {

using namespace grape;

fleet::life_plan small_plan(std::uint32_t nodes, std::uint32_t factor) {
  fleet::life_plan plan;
  plan.nodes = nodes;
  plan.shards = 60;
  plan.factor = factor;
  return plan;
}

} // namespace

TEST_SUITE("simulation.fleet.life") {
  TEST_CASE("placement, failover, repair, return and growth end with every replica in its place") {
    for (const std::uint32_t nodes : {4u, 11u})
      for (const std::uint32_t factor : {1u, 2u, 3u}) {
        CAPTURE(nodes);
        CAPTURE(factor);

        const auto story = fleet::live(nodes + factor, small_plan(nodes, factor));

        CHECK_MESSAGE(story.passed(), story.detail);
        CHECK(story.killed_held > 0);
        CHECK(story.away_s <= 10);
        CHECK(story.grown.replicas > 0);
        CHECK(story.grown.replicas <= 1.0 / nodes + 0.02);
      }
  }

  TEST_CASE("a seed is the same life, command for command, whenever it is lived") {
    const auto first = fleet::live(7, small_plan(6, 3));
    const auto second = fleet::live(7, small_plan(6, 3));

    CHECK(first.passed());
    CHECK(first.digest == second.digest);
    CHECK(first.messages == second.messages);
    CHECK(first.digest != fleet::live(8, small_plan(6, 3)).digest);
  }
}
