#include "tools/bench/metrics_histogram.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace grape::bench;

TEST_SUITE("tools.bench.metrics_histogram") {
  const std::string text = "# TYPE grape_x histogram\n"
                           "grape_x_count 7\n"
                           "grape_x_bucket{le=\"0.001\"} 4\n"
                           "grape_x_bucket{le=\"0.5\"} 4\n"
                           "grape_x_bucket{le=\"+Inf\"} 7\n"
                           "grape_y_bucket{le=\"0.5\"} 9\n";

  TEST_CASE("each bucket counts for itself") {
    const auto found = histogram_in(text, "grape_x");

    REQUIRE(found.buckets.size() == 3);
    CHECK(found.buckets[0].at_most_s == 0.001);
    CHECK(found.buckets[0].count == 4);
    CHECK(found.buckets[1].count == 0);
    CHECK(std::isinf(found.buckets[2].at_most_s));
    CHECK(found.buckets[2].count == 3);
    CHECK(found.count() == 7);
    CHECK(histogram_in(text, "grape_z").buckets.empty());
  }

  TEST_CASE("quantiles are bounds; differences and sums go bucket by bucket") {
    auto found = histogram_in(text, "grape_x");
    CHECK(found.bound(0.5) == 0.001);
    CHECK(std::isinf(found.bound(0.99)));
    CHECK(bucket_counts{}.bound(0.5) == 0);

    bucket_counts sum;
    sum.add(found);
    sum.add(found);
    CHECK(sum.count() == 14);
    sum.subtract(found);
    CHECK(sum.count() == 7);
    CHECK(sum.buckets[2].count == 3);
  }
}
