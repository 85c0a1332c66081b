#include "tests/net/http/api_under_test.hpp"

using namespace grape;
using namespace grape::http;

namespace {

/// The operation that a good request of one operation leads to.
template <class Operation>
Operation operation_of(verb method, const std::string& path, const std::string& body) {
  api_under_test api;
  const auto got = api.ask(method, "/collections/c/points" + path, body);
  CAPTURE(got.body);
  REQUIRE(got.status == 200);
  CHECK(got.body == success(R"({"operation_id":7,"status":"completed"})"));
  const auto& operations = api.only<write_request>().operations;
  REQUIRE(operations.size() == 1);
  REQUIRE(std::holds_alternative<Operation>(operations.front()));
  return std::get<Operation>(operations.front());
}

const point_selector one_and_two = std::vector{point_id{1}, point_id{2}};

} // namespace

TEST_SUITE("net.http.writes") {
  TEST_CASE("points are read in full, vectors sorted by name, the last of a name winning") {
    const auto upsert = operation_of<grape::upsert_points>(verb::put, "", R"({"points": [
      {"id": 1, "vector": [0.15, 1]},
      {"id": "8594ff5d265f4785a9f5b3b4b9665506", "vectors": {"b": [1], "a": [2], "b": [3]},
       "payload": {"x": null, "n": 18446744073709551615}},
      {"id": 2, "vector": {}, "payload": null},
      {"id": 3, "vector": {"s": {"indices": [9, 1], "values": [0.5, 2]}, "text": [1]}}],
      "update_mode": "insert_only", "update_filter": {"must": []}})");

    CHECK(upsert.how == grape::upsert_points::mode::insert_only);
    CHECK(upsert.only_if == payload::filter{});
    REQUIRE(upsert.points.size() == 4);
    CHECK(upsert.points[0] == point{point_id{1}, {{"", dense_vector{0.15F, 1}}}, {}});
    CHECK(upsert.points[1].vectors
          == named_vectors{{"a", dense_vector{2}}, {"b", dense_vector{3}}});
    CHECK(upsert.points[1].payload
          == payload::object{{"x", payload::value{}},
                             {"n", payload::value{18446744073709551615u}}});
    CHECK(upsert.points[2] == point{point_id{2}, {}, {}});
    CHECK(upsert.points[3].vectors
          == named_vectors{{"s", sparse_vector{{1, 9}, {2, 0.5F}}}, {"text", dense_vector{1}}});
  }

  TEST_CASE("a list of rows is a multivector, in points, columns and updates") {
    const multi_vector rows{2, {1, 2, 3, 4}};

    const auto points = operation_of<grape::upsert_points>(
      verb::put, "", R"({"points": [{"id": 1, "vector": {"a": [[1, 2], [3, 4]]}}]})");
    const auto columns = operation_of<grape::upsert_points>(
      verb::put, "", R"({"batch": {"ids": [1], "vectors": {"a": [[[1, 2], [3, 4]]]}}})");

    CHECK(points.points.at(0).vectors == named_vectors{{"a", rows}});
    CHECK(columns.points.at(0).vectors == named_vectors{{"a", rows}});
  }

  TEST_CASE("texts for qdrant/bm25 become sparse vectors: weights when stored, ones when asked") {
    const auto upsert = operation_of<grape::upsert_points>(verb::put, "", R"({"points": [
      {"id": 1, "vector": {"t": {"text": "foo bar foo", "model": "Qdrant/BM25",
                                 "options": {"avg_len": 3, "b": 1, "k": 1}}}},
      {"id": 2, "vector": {"t": {"text": "the and", "model": "bm25"}}}]})");

    // 2 * (1 + 1) / (2 + 1 * 3 / 3) and 1 * (1 + 1) / (1 + 1 * 3 / 3)
    CHECK(upsert.points.at(0).vectors
          == named_vectors{{"t", sparse_vector{{156'908'512, 1'158'584'717},
                                               {4.0F / 3.0F, 1.0F}}}});
    CHECK(upsert.points.at(1).vectors == named_vectors{{"t", sparse_vector{}}});

    api_under_test api;
    api.ask(verb::post, "/collections/c/points/query",
            R"({"query": {"text": "foo foo", "model": "qdrant/bm25"}, "using": "t"})");
    const auto& nearest = std::get<nearest_query>(*api.only<query_request>().query);
    CHECK(std::get<vector_value>(nearest.target)
          == vector_value{sparse_vector{{156'908'512}, {1}}});
  }

  TEST_CASE("columns mean the same as points") {
    const auto rows = operation_of<grape::upsert_points>(verb::put, "", R"({"points": [
      {"id": 1, "vector": {"a": [1], "b": [2]}, "payload": {"x": 1}},
      {"id": 2, "vector": {"a": [3], "b": [4]}}]})");
    const auto columns = operation_of<grape::upsert_points>(verb::put, "", R"({"batch": {
      "ids": [1, 2], "vectors": {"b": [[2], [4]], "a": [[1], [3]]},
      "payloads": [{"x": 1}, null]}})");
    const auto unnamed = operation_of<grape::upsert_points>(
      verb::put, "", R"({"batch": {"ids": [1], "vectors": [[1, 2]]}})");

    CHECK(columns == rows);
    CHECK(unnamed.points.front().vectors == named_vectors{{"", dense_vector{1, 2}}});
  }

  TEST_CASE("a selector is a list of ids or a filter, and ids win") {
    using payload::filter;
    CHECK(operation_of<delete_points>(verb::post, "/delete", R"({"points": [1, 2]})").points
          == one_and_two);
    CHECK(operation_of<delete_points>(verb::post, "/delete", R"({"filter": {}})").points
          == point_selector{filter{}});
    CHECK(operation_of<clear_payload>(verb::post, "/payload/clear",
                                      R"({"points": [1, 2], "filter": {}})")
            .points
          == one_and_two);
  }

  TEST_CASE("payload operations carry their parts") {
    const auto merged = operation_of<set_payload>(
      verb::post, "/payload", R"({"payload": {"a": 1}, "points": [1, 2], "key": "x.y"})");
    const auto replaced
      = operation_of<set_payload>(verb::put, "/payload", R"({"payload": {}, "filter": {}})");
    const auto removed = operation_of<delete_payload>(
      verb::post, "/payload/delete", R"({"keys": ["a[].b", "c"], "points": [1, 2]})");

    CHECK(merged
          == set_payload{{{"a", payload::value{std::int64_t{1}}}}, one_and_two, false, "x.y"});
    CHECK(replaced.overwrite);
    CHECK(removed == delete_payload{{"a[].b", "c"}, one_and_two});
  }

  TEST_CASE("vector operations carry their parts") {
    const auto updated = operation_of<update_vectors>(
      verb::put, "/vectors", R"({"points": [{"id": 1, "vector": {"a": [1]}}]})");
    const auto conditional = operation_of<update_vectors>(
      verb::put, "/vectors",
      R"({"points": [{"id": 1, "vector": {"a": [1]}}], "update_filter": {"must": []}})");
    const auto removed = operation_of<delete_vectors>(verb::post, "/vectors/delete",
                                                      R"({"vector": ["a"], "points": [1, 2]})");

    CHECK(updated == update_vectors{{{point_id{1}, {{"a", dense_vector{1}}}}}});
    CHECK(conditional == update_vectors{updated.points, payload::filter{}});
    CHECK(removed == delete_vectors{{"a"}, one_and_two});
  }

  TEST_CASE("a batch keeps its order and answers one receipt each") {
    api_under_test api;
    api.house.receipt.progress = write_progress::acknowledged;

    const auto got = api.ask(verb::post, "/collections/c/points/batch", R"({"operations": [
      {"upsert": {"points": [{"id": 1, "vector": [1]}]}}, {"delete": {"points": [1]}},
      {"set_payload": {"payload": {}, "points": [1]}},
      {"overwrite_payload": {"payload": {}, "points": [1]}},
      {"delete_payload": {"keys": ["a"], "points": [1]}}, {"clear_payload": {"points": [1]}},
      {"update_vectors": {"points": [{"id": 1, "vector": [1]}]}},
      {"delete_vectors": {"vector": ["a"], "points": [1]}}]})");

    const std::string one = R"({"operation_id":7,"status":"acknowledged"})";
    std::string eight = one;
    for (int i = 1; i < 8; ++i)
      eight += "," + one;
    CHECK(got.body == success("[" + eight + "]"));
    const auto& operations = api.only<write_request>().operations;
    REQUIRE(operations.size() == 8);
    const std::size_t kinds[] = {0, 1, 2, 2, 3, 4, 5, 6};
    for (std::size_t i = 0; i < 8; ++i)
      CHECK(operations[i].index() == kinds[i]);
    CHECK(std::get<set_payload>(operations[3]).overwrite);
  }

  TEST_CASE("writes wait only when asked to") {
    const auto options_of = [](const char* query) {
      api_under_test api;
      api.ask(verb::post, "/collections/c/points/delete", R"({"points": []})", query);
      return api.only<write_request>().options;
    };

    CHECK_FALSE(options_of("").wait);
    CHECK_FALSE(options_of("wait=false&ordering=strong").wait);
    CHECK(options_of("wait=true").wait);
    CHECK_FALSE(options_of("wait=true").timeout_ms.has_value());
    CHECK(options_of("wait=true&timeout=3").timeout_ms == 3'000u);
    CHECK(options_of("timeout=99999999999").timeout_ms == 4'294'967'295u);
    CHECK(options_of("").ack == write_ack::collection_default);
    CHECK(options_of("ack=").ack == write_ack::collection_default);
    CHECK(options_of("ack=eventual").ack == write_ack::eventual);
    CHECK(options_of("wait=true&ack=write_quorum").ack == write_ack::write_quorum);
    CHECK(options_of("ack=all").ack == write_ack::all);
  }
}
