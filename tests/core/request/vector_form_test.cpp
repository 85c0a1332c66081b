#include "core/request/vector_form.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace grape;

namespace {

collection_options with(metric distance, vector_datatype datatype, bool multi = false) {
  collection_options made;
  made.vectors[""] = {.size = 2,
                      .distance = distance,
                      .hnsw = {},
                      .echoed = {},
                      .datatype = datatype,
                      .multi = multi};
  made.sparse_vectors["words"] = {};
  return made;
}

vector_value stored(vector_value value, const collection_options& options) {
  to_stored_form(value, "", options);
  return value;
}

} // namespace

TEST_SUITE("core.request.vector_form") {
  TEST_CASE("float16 rounds after normalising, uint8 cuts off and is not normalised") {
    CHECK(stored(dense_vector{3, 4}, with(metric::cosine, vector_datatype::float16))
          == vector_value{dense_vector{0.60009765625f, 0.7998046875f}});
    CHECK(stored(dense_vector{3.9f, 300}, with(metric::cosine, vector_datatype::uint8))
          == vector_value{dense_vector{3, 255}});
    CHECK(stored(dense_vector{-1, 2.5f}, with(metric::dot, vector_datatype::uint8))
          == vector_value{dense_vector{0, 2}});
    CHECK(stored(dense_vector{3, 4}, with(metric::cosine, vector_datatype::turbo4))
          == vector_value{dense_vector{0.6f, 0.8f}});
  }

  TEST_CASE("what is in its stored form stays to the bit: restored points do not drift") {
    std::mt19937 random(5);
    std::normal_distribution<float> component;
    for (const auto datatype : {vector_datatype::float32, vector_datatype::float16})
      for (const std::uint32_t dimension : {2u, 7u, 128u, 768u, 1'536u, 4'096u}) {
        auto options = with(metric::cosine, datatype);
        options.vectors[""].size = dimension;
        int drifted = 0;
        for (int i = 0; i < 60; ++i) {
          dense_vector fresh(dimension);
          for (auto& each : fresh)
            each = component(random);
          const auto once = stored(fresh, options);
          drifted += stored(once, options) == once ? 0 : 1;
        }
        CAPTURE(static_cast<int>(datatype));
        CAPTURE(dimension);
        CHECK(drifted == 0);
      }
  }

  TEST_CASE("a multivector is normalised row by row, and a dense vector becomes one") {
    const auto options = with(metric::cosine, vector_datatype::float32, true);

    CHECK(stored(multi_vector{2, {3, 4, 0, 5}}, options)
          == vector_value{multi_vector{2, {0.6f, 0.8f, 0, 1}}});
    CHECK(stored(dense_vector{3, 4}, options) == vector_value{multi_vector{2, {0.6f, 0.8f}}});
  }

  TEST_CASE("cosine over uint8 is normalised only to be compared") {
    const auto options = with(metric::cosine, vector_datatype::uint8);

    CHECK(*query_form(dense_vector{3.7f, 4.2f}, "", options)
          == vector_value{dense_vector{0.6f, 0.8f}});
  }

  TEST_CASE("a query must be one of the stored kind") {
    const auto options = with(metric::dot, vector_datatype::float32);

    CHECK(query_form(sparse_vector{{1}, {1}}, "", options).error().code == errc::wrong_input);
    CHECK(query_form(dense_vector{1, 2}, "words", options).error().code == errc::wrong_input);
    CHECK(query_form(dense_vector{1, 2}, "none", options).error()
          == status{errc::wrong_input, "Not existing vector name error: none"});
    CHECK(query_form(sparse_vector{{1}, {2}}, "words", options).ok());
  }
}
