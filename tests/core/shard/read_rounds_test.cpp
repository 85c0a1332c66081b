#include "core/shard/read_rounds.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace grape;

namespace {

/// A read, and how many rounds had begun when it came.
struct comer {
  std::uint64_t number;
  std::uint64_t rounds_before;
};

} // namespace

TEST_SUITE("core.shard.read_rounds") {
  TEST_CASE("who comes while a round is under way shares the next") {
    shard::read_rounds<int> rounds;
    CHECK_FALSE(rounds.start());
    rounds.join(1);
    CHECK(rounds.start());
    rounds.join(2);
    rounds.join(3);
    CHECK_FALSE(rounds.start());

    CHECK(rounds.finish() == std::vector{1});
    CHECK(rounds.start());
    CHECK(rounds.finish() == std::vector{2, 3});
    CHECK_FALSE(rounds.start());
  }

  TEST_CASE("no more wait than there are places, in both rounds together") {
    shard::read_rounds<int> rounds{2};
    rounds.join(1);
    CHECK(rounds.start());
    CHECK_FALSE(rounds.full());
    rounds.join(2);
    CHECK(rounds.full());

    CHECK(rounds.take_all() == std::vector{1, 2});
    CHECK_FALSE(rounds.full());
    CHECK(rounds.finish().empty()); // The round that nobody waits for any more.
  }

  TEST_CASE("in any order of things an index speaks only for who came before it was asked for") {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      shard::read_rounds<comer> rounds;
      std::uint64_t joined = 0;
      std::uint64_t answered = 0;
      std::uint64_t begun = 0;
      std::uint64_t ended = 0;
      const auto finish = [&] {
        ++ended;
        for (const auto& one : rounds.finish()) {
          CHECK(one.number == answered++);      // In order of arrival, nobody lost or doubled.
          CHECK(one.rounds_before < begun);     // This round began after it came;
          CHECK(one.rounds_before + 2 > begun); // and no round began for nobody in between.
        }
      };
      for (int step = 0; step < 200; ++step) {
        if (random() % 2 == 0)
          rounds.join({joined++, begun});
        else if (begun > ended)
          finish();
        begun += rounds.start() ? 1 : 0;
        REQUIRE(begun <= ended + 1);
      }
      while (begun > ended) {
        finish();
        begun += rounds.start() ? 1 : 0;
      }
      CHECK(answered == joined);
    }
  }
}
