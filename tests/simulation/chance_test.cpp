#include "tests/simulation/chance.hpp"

#include <doctest/doctest.h>

namespace {

using grape::simulation::chance;

} // namespace

TEST_SUITE("simulation.chance") {
  // These numbers are part of what a seed means: a change makes every known seed another run.
  TEST_CASE("the sequence of a seed is fixed for ever") {
    chance luck{1, 2};

    CHECK(luck.next() == 0xc0edd0a22af00e7aull);
    CHECK(luck.next() == 0xd29161b603fec4b8ull);
  }

  TEST_CASE("streams of a seed differ") {
    CHECK(chance{1, 1}.next() != chance{1, 2}.next());
    CHECK(chance{1, 1}.next() != chance{2, 1}.next());
  }

  TEST_CASE("numbers stay within their bounds and reach both ends") {
    chance luck{3};
    std::uint64_t least = 9;
    std::uint64_t most = 0;
    for (int i = 0; i < 1'000; ++i) {
      const auto drawn = luck.between(2, 6);
      least = drawn < least ? drawn : least;
      most = drawn > most ? drawn : most;
    }
    CHECK(least == 2);
    CHECK(most == 6);
  }

  TEST_CASE("exponential numbers have about their mean") {
    chance luck{4};
    std::uint64_t sum = 0;
    for (int i = 0; i < 100'000; ++i)
      sum += luck.exponential(1'000);
    CHECK(sum / 100'000 > 900);
    CHECK(sum / 100'000 < 1'100);
  }

  TEST_CASE("a rate per million comes about") {
    chance luck{5};
    int hits = 0;
    for (int i = 0; i < 100'000; ++i)
      hits += luck.per_million(100'000) ? 1 : 0;
    CHECK(hits > 9'500);
    CHECK(hits < 10'500);
    CHECK_FALSE(luck.per_million(0));
  }
}
