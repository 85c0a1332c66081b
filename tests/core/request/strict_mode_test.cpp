#include "core/request/strict_mode.hpp"

#include "core/request/request_cost.hpp"

#include <doctest/doctest.h>

using namespace grape;

namespace {

using payload::value;

collection_schema schema_with(payload::object strict) {
  collection_schema made;
  made.options.vectors[""].size = 2;
  made.fields["city"] = {field_type::keyword, {}};
  made.fields["n"] = {field_type::integer, {}};
  made.fields["only_lookup"] = {field_type::integer, payload::object{{"range", value{false}}}};
  made.fields["tags[].name"] = {field_type::keyword, {}};
  strict.set("enabled", value{true});
  made.options.strict_mode = value{std::move(strict)};
  return made;
}

template <class Request>
std::string told(const collection_schema& schema, const Request& asked) {
  return check_strictly(strict_limits_of(schema.options).value(), schema, asked).detail;
}

value whole(std::int64_t of) {
  return value{of};
}

payload::filter where(payload::condition condition) {
  payload::filter made;
  made.must.push_back(std::move(condition));
  return made;
}

payload::condition field(const char* key, payload::field_test test) {
  return {payload::field_condition{key, {std::move(test)}}};
}

query_request search(std::uint64_t limit, std::optional<payload::filter> filter = {}) {
  query_request asked;
  asked.query = nearest_query{vector_value{dense_vector{1, 2}}, {}};
  asked.limit = limit;
  asked.filter = std::move(filter);
  return asked;
}

const payload::number_range above{.lt = {}, .gt = 1.0, .lte = {}, .gte = {}};

} // namespace

TEST_SUITE("core.request.strict_mode") {
  TEST_CASE("nothing is limited unless strict mode is enabled") {
    collection_options options;
    CHECK_FALSE(strict_limits_of(options));
    options.strict_mode = value{payload::object{{"max_query_limit", whole(1)}}};
    CHECK_FALSE(strict_limits_of(options));
    options.strict_mode = value{payload::object{{"enabled", value{false}}}};
    CHECK_FALSE(strict_limits_of(options));
  }

  TEST_CASE("each limit lets through what it names and nothing beyond, in the known words") {
    auto schema = schema_with({{"max_query_limit", whole(4)},
                               {"search_max_hnsw_ef", whole(7)},
                               {"search_max_batchsize", whole(2)},
                               {"max_timeout", whole(2)},
                               {"search_allow_exact", value{false}},
                               {"upsert_max_batchsize", whole(1)},
                               {"max_payload_index_count", whole(4)}});

    CHECK(told(schema, search(4)).empty());
    CHECK(told(schema, search(5))
          == R"(Limit exceeded 5 > 4 for "limit". Help: Reduce the "limit" parameter to or below)"
             " 4.");
    auto deep = search(1);
    deep.params.hnsw_ef = 8;
    CHECK(told(schema, deep).starts_with("Limit exceeded 8 > 7 for \"hnsw_ef\""));
    auto exact = search(1);
    exact.params.exact = true;
    CHECK(told(schema, exact) == "Exact search disabled!. Help: Set exact=false.");
    auto late = search(1);
    late.read.timeout_ms = 3'000;
    CHECK(told(schema, late).empty());
    late.read.names_timeout = true;
    CHECK(told(schema, late).starts_with("Limit exceeded 3 > 2 for \"timeout\""));
    query_batch_request batch;
    batch.queries = {search(1), search(9)};
    CHECK(told(schema, batch).starts_with("Limit exceeded 9 > 4"));
    batch.queries = {search(1), search(1), search(1)};
    CHECK(told(schema, batch).starts_with("Limit exceeded 3 > 2 for \"search batch size\""));
    scroll_request page;
    page.limit = 5;
    CHECK(told(schema, page).starts_with("Limit exceeded 5 > 4 for \"limit\""));
    count_request counted;
    CHECK(told(schema, counted).starts_with("Exact search disabled!"));
    upsert_points two;
    two.points.resize(2);
    CHECK(told(schema, std::vector<write_operation>{two})
              .starts_with("Limit exceeded 2 > 1 for \"upsert limit\""));
    update_vectors vectors;
    vectors.points.resize(2);
    CHECK(told(schema, std::vector<write_operation>{vectors})
              .starts_with("Limit exceeded 2 > 1 for \"update limit\""));
    CHECK(told(schema, create_field_index_request{"c", "city", {}, {}}).empty());
    CHECK(told(schema, create_field_index_request{"c", "new", {}, {}})
          == "Collection already has the maximum number of payload indices (4). Help: Please"
             " delete an existing index before creating a new one.");
  }

  TEST_CASE("filters need an index that serves each of their conditions") {
    const auto schema = schema_with({{"unindexed_filtering_retrieve", value{false}},
                                     {"unindexed_filtering_update", value{false}}});
    const auto told_of = [&schema](payload::condition condition) {
      return told(schema, search(1, where(std::move(condition))));
    };
    const payload::match_value text{std::string("x")};
    const payload::match_value number{std::int64_t{1}};

    CHECK(told_of(field("city", text)).empty());
    CHECK(told_of(field("n", above)).empty());
    CHECK(told_of(field("only_lookup", number)).empty());
    CHECK(told_of({payload::has_id{{point_id{1}}}}).empty());
    CHECK(told_of({payload::nested{"tags", where(field("name", text))}}).empty());
    CHECK(told_of(field("other", payload::match_any{std::vector<std::string>{}})).empty());
    CHECK(told_of(field("k", text))
          == "Index required but not found for \"k\" of one of the following types: [keyword]."
             " Help: Create an index for this key or use a different filter.");
    CHECK(told_of(field("city", number)).find("[integer]") != std::string::npos);
    CHECK(told_of(field("only_lookup", above)).find("[float, integer]") != std::string::npos);
    CHECK(told_of({payload::nested{"tags", where(field("city", text))}})
              .find("\"tags[].city\"") != std::string::npos);
    CHECK(told(schema, std::vector<write_operation>{delete_points{where(field("k", text))}})
              .starts_with("Index required but not found for \"k\""));
  }

  TEST_CASE("filters are bounded in conditions and in the length of one") {
    const auto schema
      = schema_with({{"filter_max_conditions", whole(2)}, {"condition_max_size", whole(3)}});
    const payload::match_any three{std::vector<std::int64_t>{1, 2, 3}};
    const payload::match_any four{std::vector<std::int64_t>{1, 2, 3, 4}};
    auto many = where(field("n", three));
    many.must.push_back(many.must.front());
    CHECK(told(schema, search(1, many)).empty());
    many.should.push_back(many.must.front());
    CHECK(told(schema, search(1, many))
          == "Filter condition limit reached (3 > 2). Help: Reduce the amount of conditions of"
             " your filter.");
    CHECK(told(schema, search(1, where({payload::nested{"a", where(field("n", four))}})))
          == "Condition size limit reached (4 > 3). Help: Reduce the size of your condition.");
  }

  TEST_CASE("without a graph a search is an exact one") {
    auto schema = schema_with({{"search_allow_exact", value{false}}});
    schema.options.hnsw.m = 0;
    CHECK(told(schema, search(1)).starts_with("Request is forbidden because global vector"));
    schema.options.vectors[""].hnsw.emplace().m = 8;
    CHECK(told(schema, search(1)).empty());
  }

  TEST_CASE("a tenant's graph is a graph, if there is one") {
    auto schema = schema_with({{"search_allow_exact", value{false}}});
    schema.options.hnsw.m = 0;
    schema.fields["city"].params = payload::object{{"is_tenant", value{true}}};
    const auto of_tenant = search(1, where(field("city", payload::match_value{std::string("x")})));
    CHECK(told(schema, of_tenant).find("hnsw_config.payload_m = 0") != std::string::npos);
    schema.options.hnsw.echoed.set("payload_m", whole(16));
    CHECK(told(schema, of_tenant).empty());
    CHECK_FALSE(told(schema, search(1)).empty());
  }

  TEST_CASE("every part of a tree is bounded; a root that only ranks candidates scans nothing") {
    auto schema = schema_with({{"search_allow_exact", value{false}},
                               {"max_query_limit", whole(4)},
                               {"search_max_oversampling", value{1.5}}});
    auto root = search(4);
    root.prefetches.push_back(search(5));
    CHECK(told(schema, root).starts_with("Limit exceeded 5 > 4 for \"limit\""));
    root.prefetches.front().limit = 4;
    root.prefetches.front().params.oversampling = 2;
    CHECK(told(schema, root).starts_with("Limit exceeded 2 > 1.5 for \"oversampling\""));
    root.prefetches.front().params.oversampling = 1.5;
    root.prefetches.front().vector_name = "indexed";
    schema.options.hnsw.m = 0;
    schema.options.vectors["indexed"].hnsw.emplace().m = 16;
    CHECK(told(schema, root).empty());
    root.prefetches.front().vector_name.clear();
    CHECK(told(schema, root).starts_with("Request is forbidden because"));
  }

  TEST_CASE("a formula needs its fields indexed, in words of its own") {
    const auto schema = schema_with({{"unindexed_filtering_retrieve", value{false}}});
    const auto rank_by = [](const char* path) {
      formula_operation sum;
      sum.operands = {{score_variable{}}, {payload_variable{path}}};
      query_request asked;
      asked.query = formula_query{{{sum}, {}}};
      return asked;
    };
    CHECK(told(schema, rank_by("n")).empty());
    CHECK(told(schema, rank_by("price"))
          == "Index required but not found for \"price\" of one of the following types: [float,"
             " integer]. Help: Create an index for this key or use a different formula"
             " expression.");
  }

  TEST_CASE("groups and matrices count all their hits; groups need an index that matches") {
    auto schema = schema_with(
      {{"max_query_limit", whole(15)}, {"unindexed_filtering_retrieve", value{false}}});
    query_groups_request groups;
    groups.query = search(10);
    groups.group_size = 3;
    groups.group_by = "city";
    CHECK(told(schema, groups).starts_with("Limit exceeded 30 > 15 for \"limit\""));
    groups.query.limit = 5;
    CHECK(told(schema, groups).empty());
    groups.group_by = "docId";
    CHECK(told(schema, groups)
          == "Index required but not found for \"docId\". Help: Create an index supporting `match`"
             " for this key.");
    schema.fields["docId"] = {field_type::geo, {}};
    CHECK(told(schema, groups).starts_with("Index of type \"Geo\" found for \"docId\"."));
    matrix_request matrix;
    matrix.limit = 2;
    matrix.sample = 10;
    CHECK(told(schema, matrix).starts_with("Limit exceeded 20 > 15 for \"limit\""));
  }

  TEST_CASE("multivectors are bounded by name") {
    const auto schema = schema_with(
      {{"multivector_config",
        value{payload::object{{"rows", value{payload::object{{"max_vectors", whole(1)}}}}}}}});
    update_vectors operation;
    operation.points.push_back({point_id{1}, {{"rows", multi_vector{2, {1, 2, 3, 4}}}}});
    CHECK(told(schema, std::vector<write_operation>{operation})
          == "Multivector 'rows' has a limit of 1 vectors, but 2 were provided!");
  }

  TEST_CASE("a request costs what it compares, names and tests") {
    const auto nearest = [](vector_input target) {
      query_request asked;
      asked.query = nearest_query{std::move(target), {}};
      return asked;
    };
    recommend_query examples;
    examples.positive = {point_id{1}, point_id{2}};
    examples.negative = {vector_value{dense_vector{1, 2}}};
    query_request recommended;
    recommended.query = examples;
    CHECK(cost_of(nearest(vector_value{dense_vector{1, 2}})) == 1);
    CHECK(cost_of(nearest(vector_value{multi_vector{2, {1, 2, 3, 4}}})) == 2);
    CHECK(cost_of(nearest(point_id{1})) == 3);
    CHECK(cost_of(recommended) == 1 + 2 + 1);
    std::get<recommend_query>(*recommended.query).strategy = recommend_strategy::best_score;
    CHECK(cost_of(recommended) == 3 + 2 + 1);
    query_request tree;
    tree.prefetches = {recommended, nearest(point_id{1})};
    CHECK(cost_of(tree) == 6 + 3);
    scroll_request page;
    page.filter = where(field("n", above));
    CHECK(cost_of(page) == 2);
    CHECK(cost_of(std::vector<write_operation>{delete_points{payload::filter{}},
                                               delete_points{std::vector<point_id>{}}},
                  7)
          == 8);
  }

  TEST_CASE("sparse vectors are bounded by name") {
    const auto schema = schema_with(
      {{"sparse_config",
        value{payload::object{{"words", value{payload::object{{"max_length", whole(2)}}}}}}}});
    upsert_points operation;
    operation.points.push_back({point_id{1}, {{"words", sparse_vector{{1, 2, 3}, {1, 1, 1}}}}, {}});
    CHECK(told(schema, std::vector<write_operation>{operation})
          == "Sparse vector 'words' has a limit of 2 indices, but 3 were provided!");
  }

  TEST_CASE("sizes stop what adds something, not what removes") {
    const auto limits
      = strict_limits_of(schema_with({{"max_points_count", whole(10)},
                                      {"max_collection_vector_size_bytes", whole(240)},
                                      {"max_collection_payload_size_bytes", whole(1'048'576)}})
                           .options)
          .value();
    const std::vector<write_operation> adds{upsert_points{}};
    const std::vector<write_operation> sets{set_payload{}};
    const std::vector<write_operation> removes{delete_points{}};

    CHECK(check_sizes(limits, {9, 239, 1'048'575}, adds).ok());
    CHECK(check_sizes(limits, {10, 0, 0}, adds).detail == "Max points count limit of 10 reached!");
    CHECK(check_sizes(limits, {0, 240, 0}, adds).detail.starts_with("Max vector storage size"));
    CHECK(check_sizes(limits, {0, 0, 1'048'576}, sets).detail
          == "Max payload storage size limit of 1MB reached!");
    CHECK(check_sizes(limits, {99, 999, 9'999'999}, removes).ok());
  }
}
