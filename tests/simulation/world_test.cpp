#include "tests/simulation/fleet/world.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace grape;

struct told {
  fleet::world_result result;
  std::string lines;
};

told lived(std::uint64_t seed, const fleet::weather& how) {
  told one;
  fleet::world_options options;
  options.storm_for = 40 * fleet::second;
  options.sink = [&one](const std::string& line) { one.lines += line + '\n'; };
  one.result = fleet::run_world(seed, how, options);
  CHECK_MESSAGE(one.result.passed(), "seed ", seed, ": ", one.result.detail);
  return one;
}

/// No faults: what happens is the operator's doing.
fleet::weather calm_weather(std::uint64_t seed, const fleet::world_shape& shape) {
  auto how = fleet::drawn_weather(seed, shape);
  auto& at = how.how;
  at.crash_every = at.pause_every = at.partition_every = at.clog_every = 0;
  at.crash_point_ppm = at.loss_ppm = 0;
  how.disk_loss_every = 0;
  how.stage_kill_percent = 0;
  return how;
}

} // namespace

TEST_SUITE("simulation.fleet.world") {
  TEST_CASE("a seed tells the same story, line for line, whenever it is told") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      CAPTURE(seed);
      const auto how = fleet::drawn_weather(seed, {});

      const auto first = lived(seed, how);
      const auto second = lived(seed, how);

      CHECK(first.lines.size() > 500);
      CHECK(first.lines == second.lines);
      CHECK(first.result.digest == second.result.digest);
    }
  }

  TEST_CASE("another seed is another story") {
    CHECK(lived(1, fleet::drawn_weather(1, {})).result.digest
          != lived(2, fleet::drawn_weather(2, {})).result.digest);
  }

  TEST_CASE("in calm weather founders form once, clients are answered, and moves come to an end") {
    fleet::deeds done;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      CAPTURE(seed);

      const auto found = lived(seed, calm_weather(seed, {.nodes = 5, .shards = 3, .factor = 3}));

      CHECK(found.result.done.founded == 5);
      CHECK(found.result.faults == 0);
      CHECK(found.result.answered > 50);
      CHECK(found.result.done.called_down == 0);
      done.add(found.result.done);
    }
    CHECK(done.moves > 20);
    CHECK(done.joined > 0);
    CHECK(done.emptied > 0);
  }

  TEST_CASE("a move is gone on with by whoever leads next, and what was lost is replaced") {
    fleet::deeds done;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      CAPTURE(seed);
      auto how = fleet::drawn_weather(seed, {.nodes = 5, .shards = 2, .factor = 3});
      how.stage_kill_percent = 50;
      how.disk_loss_every = 10 * fleet::second;
      done.add(lived(seed, how).result.done);
    }
    CHECK(done.stage_kills > 10);
    CHECK(done.takeovers > 0);
    CHECK(done.replaced > 0);
    CHECK(done.moves > 20);
  }
}
