#include "core/request/validate.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace grape;

namespace {

collection_schema schema() {
  collection_schema made;
  made.options.vectors[""] = {.size = 2, .distance = metric::cosine, .hnsw = {}, .echoed = {}};
  made.options.vectors["image"] = {.size = 3, .distance = metric::dot, .hnsw = {}, .echoed = {}};
  made.options.vectors["rows"] = {.size = 2, .distance = metric::cosine, .hnsw = {}, .echoed = {},
                                  .multi = true};
  made.options.sparse_vectors["words"] = {};
  return made;
}

write_operation upsert(named_vectors vectors) {
  return upsert_points{{point{point_id{1}, std::move(vectors), {}}}, {}, {}};
}

constexpr auto not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr auto infinity = std::numeric_limits<float>::infinity();

} // namespace

TEST_SUITE("core.request.validate") {
  TEST_CASE("vectors must fit the schema, with the texts clients know") {
    struct row {
      write_operation operation;
      status expected;
    };
    const std::vector<row> table{
      {upsert({{"", dense_vector{1, 2}}, {"image", dense_vector{1, 2, 3}}}), {}},
      {upsert({}), {}},
      {upsert({{"words", sparse_vector{{1}, {0.5f}}}}), {}},
      {upsert({{"rows", multi_vector{2, {1, 2, 3, 4}}}}), {}},
      {upsert({{"rows", dense_vector{1, 2}}}), {}},
      {upsert({{"rows", multi_vector{3, {1, 2, 3}}}}),
       {errc::wrong_input, "Vector dimension error: expected dim: 2, got 3"}},
      {upsert({{"", multi_vector{2, {1, 2}}}}),
       {errc::wrong_input, "Conversion between multi and regular vectors failed"}},
      {upsert({{"rows", multi_vector{2, {1, infinity}}}}),
       {errc::wrong_input, "vector `rows` has a component that is not a finite number"}},
      {upsert({{"", dense_vector{1, 2, 3}}}),
       {errc::wrong_input, "Vector dimension error: expected dim: 2, got 3"}},
      {upsert({{"text", dense_vector{1}}}),
       {errc::wrong_input, "Not existing vector name error: text"}},
      {upsert({{"words", dense_vector{1}}}),
       {errc::wrong_input, "Conversion between sparse and regular vectors failed"}},
      {upsert({{"", sparse_vector{{1}, {0.5f}}}}),
       {errc::wrong_input, "Conversion between sparse and regular vectors failed"}},
      {upsert({{"", dense_vector{1, not_a_number}}}),
       {errc::wrong_input, "vector `` has a component that is not a finite number"}},
      {upsert({{"words", sparse_vector{{1}, {infinity}}}}),
       {errc::wrong_input, "vector `words` has a value that is not a finite number"}},
      {upsert_points{}, {errc::bad_request, "Empty update request"}},
      {delete_vectors{{"none"}, std::vector{point_id{1}}},
       {errc::wrong_input, "Not existing vector name error: none"}},
      {update_vectors{{{point_id{1}, {{"image", dense_vector{1}}}}}},
       {errc::wrong_input, "Vector dimension error: expected dim: 3, got 1"}},
    };

    for (const auto& [operation, expected] : table)
      CHECK(validate({operation}, schema()) == expected);
  }

  TEST_CASE("only cosine fields are normalised, and names end up in order") {
    std::vector<write_operation> operations{
      upsert({{"image", dense_vector{2, 0, 0}}, {"", dense_vector{0, 5}}})};

    normalise(operations, schema());

    const auto& vectors = std::get<upsert_points>(operations[0]).points[0].vectors;
    CHECK(vectors
          == named_vectors{{"", dense_vector{0, 1}}, {"image", dense_vector{2, 0, 0}}});
  }

  TEST_CASE("an operation with a condition names each id once: the last, or all vectors together") {
    const point_id one{1};
    const point first{one, {{"image", dense_vector{1, 1, 1}}}, {}};
    const point last{one, {{"image", dense_vector{2, 2, 2}}}, {}};
    std::vector<write_operation> operations{
      upsert_points{{first, last}, upsert_points::mode::insert_only, {}},
      upsert_points{{first, last}, {}, payload::filter{}},
      upsert_points{{first, last}, {}, {}},
      update_vectors{{{one, {{"image", dense_vector{1, 1, 1}}, {"words", sparse_vector{}}}},
                      {one, {{"image", dense_vector{2, 2, 2}}}}},
                     payload::filter{}}};

    normalise(operations, schema());

    CHECK(std::get<upsert_points>(operations[0]).points == std::vector{last});
    CHECK(std::get<upsert_points>(operations[1]).points == std::vector{last});
    CHECK(std::get<upsert_points>(operations[2]).points == std::vector{first, last});
    CHECK(std::get<update_vectors>(operations[3]).points
          == std::vector<point_vectors>{
            {one, {{"image", dense_vector{2, 2, 2}}, {"words", sparse_vector{}}}}});
  }

  TEST_CASE("names of dense and sparse vectors must differ") {
    auto options = schema().options;
    options.sparse_vectors["image"] = {};

    CHECK(validate(options)
          == status{errc::wrong_input,
                    "Dense and sparse vector names must be unique - duplicate found with 'image'"});
  }

  TEST_CASE("a graph that nobody could build is refused, also as a change") {
    const auto refused = [](std::optional<std::uint32_t> m,
                            std::optional<std::uint32_t> ef_construct) {
      hnsw_options graph;
      graph.m = m;
      graph.ef_construct = ef_construct;
      auto of_all = schema().options;
      of_all.hnsw = graph;
      auto of_one = schema().options;
      of_one.vectors["image"].hnsw = graph;
      collection_changes change;
      change.hnsw = graph;
      collection_changes change_of_one;
      change_of_one.vectors[""].hnsw = graph;
      const auto verdict = validate(of_all);
      CHECK(validate(of_one) == verdict);
      CHECK(validate(change) == verdict);
      CHECK(validate(change_of_one) == verdict);
      return !verdict.ok();
    };

    CHECK_FALSE(refused({}, {}));
    CHECK_FALSE(refused(0, 4));
    CHECK_FALSE(refused(2'000, 10'000));
    CHECK(refused(2'001, {}));
    CHECK(refused({}, 3));
    CHECK(refused({}, 10'001));
  }

  TEST_CASE("options that no replica could apply are refused, whoever made them") {
    const auto verdict = [](auto&& change) {
      auto options = schema().options;
      change(options);
      return validate(options).code;
    };
    const auto named = [&](const std::string& name) {
      return verdict([&name](auto& of) { of.vectors[name].size = 2; });
    };

    CHECK(verdict([](auto&) {}) == errc::ok);
    CHECK(verdict([](auto& of) { of.vectors["image"].size = 65'536; }) == errc::ok);
    CHECK(verdict([](auto& of) { of.vectors["image"].size = 0; }) == errc::wrong_input);
    CHECK(verdict([](auto& of) { of.vectors["image"].size = 65'537; }) == errc::wrong_input);
    CHECK(verdict([](auto& of) { of.shard_number = 0; }) == errc::wrong_input);
    CHECK(verdict([](auto& of) { of.replication_factor = 0; }) == errc::wrong_input);
    CHECK(verdict([](auto& of) { of.write_consistency_factor = 0; }) == errc::wrong_input);
    CHECK(verdict([](auto& of) { of.single_unnamed = true; }) == errc::ok);
    CHECK(verdict([](auto& of) {
            of.single_unnamed = true;
            of.vectors.erase("");
          })
          == errc::wrong_input);
    CHECK(named(std::string(200, 'x')) == errc::ok);
    CHECK(named(std::string(201, 'x')) == errc::wrong_input);
    CHECK(named("../up") == errc::wrong_input);
    CHECK(named(std::string("a\0b", 3)) == errc::wrong_input);
    CHECK(verdict([](auto& of) { of.sparse_vectors["a:b"] = {}; }) == errc::wrong_input);
  }

  TEST_CASE("a new collection gets a name that can stand in a path") {
    const auto may = [](const std::string& name) { return validate_collection_name(name).ok(); };

    CHECK(may("words"));
    CHECK(may("with space and \xC3\xA4"));
    CHECK(may(std::string(255, 'x')));
    CHECK_FALSE(may(std::string(256, 'x')));
    std::string umlauts;
    for (int i = 0; i < 255; ++i)
      umlauts += "\xC3\xA4";
    CHECK(may(umlauts));
    CHECK_FALSE(may(umlauts + "a"));
    CHECK_FALSE(may(std::string(1 << 20, '\x80'))); // Not one character, and yet long.
    for (const char* name : {"", ".", "..", "a/b", "a\\b", "a:b", "a?", "<a>", "a|b", "a*", "\"a"})
      CHECK_MESSAGE(!may(name), name);
    CHECK_FALSE(may(std::string("a\0", 2)));
  }
}
