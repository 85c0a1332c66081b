#include "core/metrics/histogram.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <thread>
#include <vector>

using namespace grape::metrics;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

TEST_SUITE("core.metrics.histogram") {
  TEST_CASE("nothing recorded is zero everywhere") {
    const latency_histogram empty;

    CHECK(empty.count() == 0);
    CHECK(empty.mean() == 0ns);
    CHECK(empty.max() == 0ns);
    CHECK(empty.quantile(0.99) == 0ns);
  }

  TEST_CASE("small values are exact, and negative ones are zero") {
    latency_histogram seen;
    for (int i = 1; i <= 60; ++i)
      seen.record(nanoseconds{i});
    seen.record(-5ns);

    CHECK(seen.count() == 61);
    CHECK(seen.quantile(0) == 0ns);
    CHECK(seen.quantile(0.5) == 30ns);
    CHECK(seen.quantile(1) == 60ns);
    CHECK(seen.mean() == 30ns);
  }

  // Method: compare with sorted lists of durations that span ten orders of magnitude.
  TEST_CASE("a quantile is never below the truth and at most 1/32 above it") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      std::uniform_real_distribution<double> exponent{0, 12};
      latency_histogram seen;
      std::vector<std::int64_t> all;
      for (int i = 0; i < 3'000; ++i) {
        all.push_back(static_cast<std::int64_t>(std::pow(10.0, exponent(random))));
        seen.record(nanoseconds{all.back()});
      }
      std::sort(all.begin(), all.end());

      for (const double share : {0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
        CAPTURE(share);
        const auto rank = static_cast<std::size_t>(std::ceil(share * 3'000)) - 1;
        const auto found = seen.quantile(share).count();
        REQUIRE(found >= all[rank]);
        REQUIRE(static_cast<double>(found) <= static_cast<double>(all[rank]) * (1 + 1.0 / 32));
      }
      CHECK(seen.max().count() == all.back());
    }
  }

  TEST_CASE("what is longer than the longest bucket counts as that") {
    latency_histogram seen;
    seen.record(std::chrono::hours{100});
    seen.record(1ns);

    CHECK(seen.count() == 2);
    CHECK(seen.quantile(1) == seen.max());
    CHECK(seen.max() > std::chrono::minutes{18});
    CHECK(seen.max() < std::chrono::minutes{19});
  }

  TEST_CASE("adding joins two histories") {
    latency_histogram day;
    latency_histogram night;
    for (int i = 0; i < 90; ++i)
      day.record(10us);
    for (int i = 0; i < 10; ++i)
      night.record(10ms);

    day.add(night);

    CHECK(day.count() == 100);
    CHECK(day.quantile(0.9) < 11us);
    CHECK(day.quantile(0.91) == 10ms);
    CHECK(day.max() == 10ms);
    CHECK(day.mean() == 1'009us);
  }

  TEST_CASE("threads that record at once lose nothing") {
    latency_histogram seen;
    const auto work = [&seen] {
      for (int i = 1; i <= 50'000; ++i)
        seen.record(nanoseconds{i});
    };
    std::thread other{work};
    work();
    other.join();

    CHECK(seen.count() == 100'000);
    CHECK(seen.max() == 50us);
    CHECK(seen.mean() == 25'000ns);
  }
}
