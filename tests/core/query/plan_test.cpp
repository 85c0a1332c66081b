#include "core/query/merge_reads.hpp"
#include "core/query/plan.hpp"
#include "core/query/query_run.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace grape;

namespace {

collection_schema schema_of(metric distance) {
  collection_schema schema;
  schema.options.vectors[""] = {.size = 2, .distance = distance, .hnsw = {}, .echoed = {}};
  schema.options.sparse_vectors["words"] = {};
  return schema;
}

query_request nearest(vector_input target) {
  query_request request;
  request.collection = "c";
  request.query = nearest_query{std::move(target)};
  return request;
}

vector_input dense(std::initializer_list<float> components) {
  return vector_value{dense_vector(components)};
}

const query::vector_lookup nobody = [](const query_part&, const point_id& id) {
  return query::vector_of(id, nullptr, "", schema_of(metric::dot));
};

outcome<query::query_plan> planned(const query_request& request, const collection_schema& schema,
                                   const query::vector_lookup& lookup = nobody) {
  const std::function<bool(const query_part&)> elsewhere
    = [](const query_part& part) { return part.lookup_from.has_value(); };
  return query::plan(request, {schema, lookup, elsewhere});
}

/// What shards are asked first.
shard::shard_query first_asked(const outcome<query::query_plan>& plan) {
  REQUIRE_MESSAGE(plan.ok(), (plan.ok() ? "" : plan.error().detail));
  return std::get<query::ask_stage>(plan->stages.front().work).wanted;
}

dense_vector target_of(const outcome<query::query_plan>& plan) {
  return std::get<dense_vector>(std::get<shard::rank_nearest>(first_asked(plan).by).target);
}

scored_record hit(std::uint64_t id, float score) {
  return {record{.id = point_id{id}, .version = 0, .payload = {}, .vectors = {}}, score};
}

record bare(std::uint64_t id) {
  return {.id = point_id{id}, .version = 0, .payload = {}, .vectors = {}};
}

} // namespace

TEST_SUITE("core.query.plan") {
  TEST_CASE("a cosine query is normalised, a dot query is not") {
    CHECK(target_of(planned(nearest(dense({3, 4})), schema_of(metric::cosine)))
          == dense_vector{0.6f, 0.8f});
    CHECK(target_of(planned(nearest(dense({3, 4})), schema_of(metric::dot)))
          == dense_vector{3, 4});
  }

  TEST_CASE("a wrong dimension, an unknown name and an absent point are told apart") {
    const auto schema = schema_of(metric::dot);
    auto named = nearest(dense({1, 2}));
    named.vector_name = "other";

    CHECK(planned(nearest(dense({1})), schema).error()
          == status{errc::wrong_input, "Vector dimension error: expected dim: 2, got 1"});
    CHECK(planned(named, schema).error()
          == status{errc::wrong_input, "Not existing vector name error: other"});
    CHECK(planned(nearest(point_id{7}), schema).error()
          == status{errc::not_found, "No point with id 7 found"});
  }

  TEST_CASE("a target that is not finite is refused, as nothing is near to it") {
    for (const auto wrong :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
      for (const auto distance : {metric::cosine, metric::dot, metric::euclid}) {
        CHECK(planned(nearest(dense({1, wrong})), schema_of(distance)).error().code
              == errc::wrong_input);
        auto examples = nearest(dense({1, 2}));
        examples.query = recommend_query{{dense({1, 2})}, {dense({wrong, 2})}};
        CHECK(planned(examples, schema_of(distance)).error().code == errc::wrong_input);
      }
  }

  TEST_CASE("ids in a query are excluded, unless they live in another collection") {
    auto request = nearest(point_id{7});
    const query::vector_lookup lookup
      = [](const query_part&, const point_id&) -> outcome<vector_value> {
      return vector_value{dense_vector{1, 0}};
    };

    const auto here = planned(request, schema_of(metric::dot), lookup);
    request.lookup_from = lookup_location{"elsewhere", ""};
    const auto there = planned(request, schema_of(metric::dot), lookup);

    CHECK(first_asked(here).excluded == std::vector{point_id{7}});
    CHECK(first_asked(there).excluded.empty());
  }

  TEST_CASE("recommendation moves from the mean of the negatives through that of the positives") {
    query_request request;
    request.query = recommend_query{{dense({1, 0}), dense({3, 0})}, {dense({0, 1})}};

    CHECK(target_of(planned(request, schema_of(metric::dot))) == dense_vector{4, -1});
  }

  TEST_CASE("merged hits are the best of all shards, ties by id") {
    const std::vector<shard::shard_hits> shards{{{hit(5, 9), hit(1, 3)}, {}, 0, ""},
                                                {{hit(2, 9), hit(4, 5)}, {}, 0, ""}};

    CHECK(query::merge_hits(shards, shard::rank_nearest{}, false)
          == std::vector{hit(2, 9), hit(5, 9), hit(4, 5), hit(1, 3)});
    CHECK(query::merge_hits(shards, shard::rank_nearest{}, true)
          == std::vector{hit(1, 3), hit(4, 5), hit(2, 9), hit(5, 9)});
  }

  TEST_CASE("the filter of each level holds in all below it, and only at the leaves") {
    payload::filter all;
    all.must.push_back({payload::has_vector{"a"}});
    payload::filter some;
    some.must.push_back({payload::has_vector{"b"}});
    query_request request = nearest(dense({1, 0}));
    request.filter = all;
    query_part leaf;
    leaf.filter = some;
    request.prefetches = {leaf};

    const auto made = planned(request, schema_of(metric::dot));

    payload::filter both;
    both.must.push_back({all});
    both.must.push_back({some});
    REQUIRE(made->stages.size() == 2);
    CHECK(first_asked(made).filter == both);
    CHECK_FALSE(std::get<query::ask_stage>(made->stages.back().work).wanted.filter.has_value());
  }

  TEST_CASE("where a fusion rescores, each prefetch scores the hits of all, whatever found them") {
    query_request request;
    request.collection = "c";
    request.query = fusion_query{dbsf_fusion{}, true};
    query_part near;
    near.query = nearest_query{dense({1, 0})};
    near.limit = 3;
    query_part near_some = near;
    near_some.query = nearest_query{dense({0, 1})};
    near_some.filter.emplace().must.push_back({payload::has_vector{""}});
    near_some.score_threshold = 0.5f;
    near_some.limit = 4;
    request.prefetches = {near, near_some};

    const auto made = planned(request, schema_of(metric::euclid));

    REQUIRE(made.ok());
    REQUIRE(made->stages.size() == 5);
    const auto& again = std::get<query::ask_stage>(made->stages[3].work);
    CHECK(made->stages[3].inputs == std::vector<std::size_t>{0, 1});
    CHECK_FALSE(again.wanted.filter.has_value());
    CHECK_FALSE(again.wanted.score_threshold.has_value());
    CHECK(again.wanted.k == 7);
    CHECK(std::get<shard::rank_nearest>(again.wanted.by).target
          == vector_value{dense_vector{0, 1}});
    CHECK(made->stages.back().inputs == std::vector<std::size_t>{2, 3});
    CHECK(std::get<query::fuse_stage>(made->stages.back().work).ascending
          == std::vector<bool>{true, true});
    for (const query_kind& other :
         {query_kind{sample_query{}}, query_kind{nearest_query{dense({1, 0}), mmr_options{}}}}) {
      request.prefetches[1].query = other;
      CHECK(planned(request, schema_of(metric::dot)).error()
            == status{errc::wrong_input, "Validation failed: rescore needs prefetches that score"
                                         " points by their vectors"});
    }
  }

  TEST_CASE("what cannot be combined is refused in the words that clients know") {
    const auto schema = schema_of(metric::dot);
    const auto refusal = [&](const query_request& request) {
      const auto made = planned(request, schema);
      return made.ok() ? status{} : made.error();
    };
    query_request bare_prefetch;
    bare_prefetch.prefetches.emplace_back();
    query_request fused;
    fused.query = fusion_query{};
    auto named = fused;
    named.vector_name = "x";
    query_request ordered;
    ordered.query = order_by_query{{"price", false, {}}};
    ordered.score_threshold = 1.0f;
    auto deep = nearest(dense({1, 0}));
    for (std::size_t i = 0; i <= prefetch_depth_max; ++i) {
      query_part outer;
      outer.query = deep.query;
      outer.prefetches = std::move(deep.prefetches);
      deep.prefetches = {std::move(outer)};
    }

    CHECK(refusal(bare_prefetch)
          == status{errc::bad_request, "A query is needed to merge the prefetches. Can't have"
                                       " prefetches without defining a query."});
    CHECK(refusal(fused)
          == status{errc::wrong_input,
                    "Validation failed: cannot apply Fusion without prefetches"});
    CHECK(refusal(named)
          == status{errc::bad_request,
                    "Fusion queries cannot be combined with the 'using' field."});
    CHECK(refusal(ordered)
          == status{errc::bad_request, "Can't use score_threshold with an order_by query."});
    CHECK(refusal(deep)
          == status{errc::wrong_input,
                    "Validation failed: prefetches depth 65 exceeds max depth 64"});
  }

  TEST_CASE("the next page begins with the smallest id left out by anyone") {
    std::vector<shard::shard_page> shards{{{bare(1), bare(4)}, point_id{9}},
                                          {{bare(2), bare(3)}, {}}};

    const auto page = query::merge(shards, 3);
    const auto all = query::merge({{{bare(1)}, {}}, {{bare(2)}, {}}}, 2);

    CHECK(page.points == std::vector{bare(1), bare(2), bare(3)});
    CHECK(page.next == point_id{4});
    CHECK_FALSE(all.next.has_value());
  }

  TEST_CASE("retrieved records come in the order asked, each once, the absent left out") {
    const std::vector<point_id> ids{point_id{3}, point_id{1}, point_id{8}, point_id{3}};

    const auto records = query::merge({{bare(1)}, {bare(3)}}, ids);

    CHECK(records == std::vector{bare(3), bare(1)});
  }
}
