#include "core/shard/tidying.hpp"

#include <doctest/doctest.h>

using namespace grape::shard;

TEST_SUITE("core.shard.tidying") {
  TEST_CASE("it is thorough from the question until nothing is found to do") {
    tidying work;
    CHECK_FALSE(work.asked());
    CHECK(work.pace_of(pace::busy) == pace::busy);
    work.planned(true); // Nobody asked.
    CHECK_FALSE(work.asked());

    work.ask();
    CHECK(work.pace_of(pace::busy) == pace::thorough);
    work.planned(true);
    CHECK(work.asked());
    work.planned(false);
    CHECK_FALSE(work.asked());
    CHECK(work.pace_of(pace::quiet) == pace::quiet);
  }

  TEST_CASE("it ends also while there is always something to do") {
    tidying work;
    work.ask();
    int jobs = 0;
    while (work.asked() && jobs < 1'000) {
      work.planned(true);
      ++jobs;
    }
    CHECK(jobs < 100);
    work.ask(); // And may be asked again.
    CHECK(work.asked());
  }
}
