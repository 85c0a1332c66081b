#include "tests/simulation/exploration.hpp"

#include <doctest/doctest.h>

namespace {

using namespace grape::simulation;

} // namespace

TEST_SUITE("simulation.exploration") {
  TEST_CASE("every order of an election keeps the laws") {
    bounds may;
    may.campaigns = 2;
    may.proposals = may.crashes = 0;
    may.nodes = 2;

    const auto found = explore(may, {});

    CHECK_MESSAGE(found.law.empty(), found.detail);
    CHECK(found.complete);
    CHECK(found.states > 100);
    CHECK(found.transitions > found.states);
  }

  TEST_CASE("a part of a larger space keeps the laws, and is told to be a part") {
    bounds may;
    may.campaigns = may.crashes = 2;
    may.proposals = 2;
    may.states_max = 20'000;

    const auto found = explore(may, {});

    CHECK_MESSAGE(found.law.empty(), found.detail);
    CHECK_FALSE(found.complete);
    CHECK(found.states == may.states_max);
  }
}
