#include "tests/simulation/run.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace {

using namespace grape;
using namespace grape::simulation;

std::string trace_of(std::uint64_t seed) {
  std::string lines;
  run_options options;
  options.storm_for = 10 * second;
  options.sink = [&lines](const record& next) { lines += to_json(next) + '\n'; };
  const auto found = run_seed(seed, drawn_storm(seed), options);
  CHECK_MESSAGE(found.passed(), "seed ", seed, ": ", found.detail);
  return lines;
}

run_result reference_run(std::uint64_t seed) {
  run_options options;
  options.storm_for = 20 * second;
  const auto found = run_seed(seed, reference_storm(seed), options);
  CHECK_MESSAGE(found.passed(), "seed ", seed, ": ", found.detail);
  return found.result;
}

} // namespace

TEST_SUITE("simulation") {
  TEST_CASE("a seed writes the same trace, byte for byte, whenever it runs") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(seed);

      const auto first = trace_of(seed);
      const auto second = trace_of(seed);

      CHECK(first.size() > 1'000);
      CHECK(first == second);
    }
  }

  TEST_CASE("another seed is another run") {
    CHECK(reference_run(1).digest != reference_run(2).digest);
  }

  TEST_CASE("a storm lets work be done, and ends in peace") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(seed);

      const auto found = reference_run(seed);

      CHECK(found.healed);
      CHECK(found.committed > 20);
      CHECK(found.answered > 20);
      CHECK(found.faults > 2);
    }
  }

  TEST_CASE("a fault that is left out does not happen") {
    run_options options;
    options.storm_for = 20 * second;
    auto calm = without(reference_storm(3), ~std::uint32_t{0});
    std::set<std::string_view> seen;
    options.sink = [&](const record& next) {
      if (next.at < options.storm_for) // Later most nodes may be gone.
        seen.insert(next.event);
    };

    const auto found = run_seed(3, calm, options);

    CHECK(found.passed());
    CHECK(found.result.faults == 0);
    CHECK_FALSE(seen.contains("fault"));
    CHECK_FALSE(seen.contains("pause"));
    CHECK_FALSE(seen.contains("lose"));
  }
}
