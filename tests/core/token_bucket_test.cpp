#include "core/token_bucket.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace grape;

TEST_SUITE("core.token_bucket") {
  TEST_CASE("what is in the bucket may go at once, the rest when it has dripped in") {
    token_bucket bucket{1'000, 500};

    CHECK(bucket.take(500, 0) == 0);
    CHECK(bucket.take(250, 0) == 250);
    CHECK(bucket.take(0, 250) == 0);
    CHECK(bucket.take(1, 250) == 1);
  }

  TEST_CASE("a bucket that stood for long holds no more than its burst") {
    token_bucket bucket{1'000, 500};
    CHECK(bucket.take(500, 0) == 0);

    CHECK(bucket.take(500, 1'000'000'000'000) == 0);
    CHECK(bucket.take(100, 1'000'000'000'000) == 100);
  }

  TEST_CASE("no rate is no limit, and a clock that stands still gives nothing") {
    token_bucket open{0, 0};
    CHECK(open.take(1u << 30, 5) == 0);

    token_bucket bucket{1'000, 1};
    CHECK(bucket.take(1, 7) == 0);
    CHECK(bucket.take(1, 7) == 1);
    CHECK(bucket.take(1, 3) == 2); // It went back: that is no time that passed.
  }

  TEST_CASE("over any time no more goes out than the rate and one burst") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      const auto rate = 1 + random() % 100'000;
      const auto burst = 1 + random() % 10'000;
      token_bucket bucket{rate, burst};
      std::uint64_t now = random() % 1'000;
      const auto begun = now;
      std::uint64_t taken = 0;
      for (int step = 0; step < 1'000; ++step) {
        const auto wanted = random() % 5'000;
        taken += wanted;
        now += bucket.take(wanted, now); // It waits until it may.
        CHECK(taken <= burst + (now - begun) * rate / 1'000 + 1);
        now += random() % 20;
      }
      CHECK((now - begun) * rate / 1'000 <= taken + burst + rate * 20 * 1'000 / 1'000);
    }
  }
}
