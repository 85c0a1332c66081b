#include "core/vector/similarity.hpp"

#include <doctest/doctest.h>

using namespace grape;

TEST_SUITE("core.vector.similarity") {
  TEST_CASE("a sparse product sums over common indices, and knows when there are none") {
    const sparse_vector a{{1, 4, 9}, {2, 3, 5}};

    CHECK(sparse_product(a, {{4, 9, 12}, {10, 0.5f, 7}}) == 32.5f);
    CHECK(sparse_product(a, {{9}, {0}}) == 0.0f);
    CHECK_FALSE(sparse_product(a, {{2, 3}, {1, 1}}).has_value());
    CHECK_FALSE(sparse_product(a, {}).has_value());
  }

  TEST_CASE("max_sim takes for each row of the query the nearest row, and adds up") {
    const multi_vector query{2, {1, 0, 0, 1}};
    const std::vector<float> rows{2, 1, 0, 3, 1, 1};

    CHECK(max_sim_distance({metric::dot, 2}, query, rows) == -5.0f);      // 2 and 3
    CHECK(max_sim_distance({metric::euclid, 2}, query, rows) == 2.0f);    // 1 and 1
    CHECK(max_sim_distance({metric::manhattan, 2}, query, rows) == 2.0f); // 1 and 1
  }
}
