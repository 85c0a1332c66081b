#include "core/vector/similarity.hpp"
#include "tests/core/query/sharded_world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

using namespace grape;
using namespace grape::test;

namespace {

collection_schema schema_of_kinds() {
  collection_schema schema;
  schema.version = schema_version{1};
  auto& options = schema.options;
  options.vectors["rows"] = {
      .size = 4, .distance = metric::cosine, .hnsw = {}, .echoed = {}, .multi = true};
  options.vectors["bytes"] = {.size = 4,
                              .distance = metric::cosine,
                              .hnsw = {},
                              .echoed = {},
                              .datatype = vector_datatype::uint8};
  options.sparse_vectors["words"] = {};
  options.sparse_vectors["weighed"].modifier = sparse_modifier::idf;
  return schema;
}

std::vector<point> some_points(std::mt19937_64& random, std::size_t count) {
  std::uniform_real_distribution<float> component{-1, 1};
  std::vector<point> points;
  for (std::uint64_t id = 1; id <= count; ++id) {
    point made{point_id{id}, {}, {}};
    multi_vector rows{4, std::vector<float>(4 * (1 + random() % 3))};
    for (auto& each : rows.values)
      each = component(random);
    for (std::size_t at = 0; at < rows.values.size(); at += 4)
      normalise(std::span(rows.values.data() + at, 4));
    sparse_vector words;
    for (std::uint32_t term = 0; term < 12; ++term)
      if (random() % 4 == 0) {
        words.indices.push_back(term);
        words.values.push_back(component(random));
      }
    dense_vector bytes(4);
    for (auto& each : bytes)
      each = static_cast<float>(random() % 256);
    made.vectors = {{"bytes", bytes}, {"rows", rows}};
    if (!words.indices.empty())
      made.vectors.push_back({"words", words});
    points.push_back(std::move(made));
  }
  return points;
}

outcome<query::read_answer> matrix_over(sharded_world& world, const std::string& name) {
  matrix_request asked;
  asked.collection = "words";
  asked.vector_name = name;
  asked.sample = 100;
  asked.limit = 3;
  return world.ask(asked);
}

/// What the matrix must be, from the points themselves.
template <class Score>
void check_matrix(const matrix_reply& got, const std::vector<point>& points, Score score) {
  std::map<point_id, const point*> by_id;
  for (const auto& one : points)
    by_id[one.id] = &one;
  std::vector<matrix_reply::link> wanted;
  for (std::size_t from = 0; from < got.ids.size(); ++from) {
    std::vector<std::pair<float, std::size_t>> others;
    for (std::size_t to = 0; to < got.ids.size(); ++to)
      if (const auto found = to == from ? std::nullopt
                                        : score(*by_id.at(got.ids[from]), *by_id.at(got.ids[to])))
        others.emplace_back(-*found, to);
    std::sort(others.begin(), others.end());
    for (std::size_t i = 0; i < std::min<std::size_t>(3, others.size()); ++i)
      wanted.push_back({from, others[i].second, -others[i].first});
  }
  REQUIRE(got.links.size() == wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    CHECK(got.links[i].from == wanted[i].from);
    CHECK(got.links[i].to == wanted[i].to);
    CHECK(got.links[i].score == doctest::Approx(wanted[i].score));
  }
}

} // namespace

TEST_SUITE("core.query.matrix") {
  TEST_CASE("sparse vectors find each other by their products, where they have a term in common") {
    std::mt19937_64 random(3);
    const auto points = some_points(random, 30);
    sharded_world world{schema_of_kinds(), 2, points};
    const auto got = matrix_over(world, "words");
    REQUIRE_MESSAGE(got.ok(), to_string(got.error()));
    const auto& matrix = std::get<matrix_reply>(*got);
    CHECK(matrix.ids.size() > 20);
    check_matrix(matrix, points, [](const point& a, const point& b) {
      return sparse_product(std::get<sparse_vector>(*find_vector(a.vectors, "words")),
                            std::get<sparse_vector>(*find_vector(b.vectors, "words")));
    });
  }

  TEST_CASE("multivectors find each other by max_sim") {
    std::mt19937_64 random(4);
    const auto points = some_points(random, 25);
    sharded_world world{schema_of_kinds(), 3, points};
    const auto got = matrix_over(world, "rows");
    REQUIRE_MESSAGE(got.ok(), to_string(got.error()));
    const auto& matrix = std::get<matrix_reply>(*got);
    CHECK(matrix.ids.size() == 25);
    CHECK(matrix.links.size() == 75);
    check_matrix(matrix, points, [](const point& a, const point& b) {
      return std::optional{score_from_distance(
          metric::cosine,
          max_sim_distance({metric::cosine, 4},
                           std::get<multi_vector>(*find_vector(a.vectors, "rows")),
                           std::get<multi_vector>(*find_vector(b.vectors, "rows")).values))};
    });
  }

  TEST_CASE("whole numbers are normalised to be compared") {
    std::mt19937_64 random(5);
    const auto points = some_points(random, 20);
    sharded_world world{schema_of_kinds(), 2, points};
    const auto got = matrix_over(world, "bytes");
    REQUIRE_MESSAGE(got.ok(), to_string(got.error()));
    check_matrix(std::get<matrix_reply>(*got), points, [](const point& a, const point& b) {
      auto one = std::get<dense_vector>(*find_vector(a.vectors, "bytes"));
      auto other = std::get<dense_vector>(*find_vector(b.vectors, "bytes"));
      normalise(one);
      normalise(other);
      return std::optional{-distance_function{metric::cosine, 4}(one.data(), other.data())};
    });
  }

  TEST_CASE("a name of no vector and what cannot be weighed are refused by their names") {
    sharded_world world{schema_of_kinds(), 1, {}};
    CHECK(matrix_over(world, "none").error()
          == status{errc::wrong_input, "Not existing vector name error: none"});
    CHECK(matrix_over(world, "weighed").error().code == errc::bad_request);
    CHECK(std::get<matrix_reply>(*matrix_over(world, "words")).ids.empty());
  }
}
