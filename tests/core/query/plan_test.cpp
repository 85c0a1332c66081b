#include "core/query/plan.hpp"

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

outcome<dense_vector> nobody(const point_id& id) {
  return query::vector_of(id, nullptr, "");
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
    const auto cosine
      = query::plan(nearest(dense({3, 4})), schema_of(metric::cosine), nobody);
    const auto dot = query::plan(nearest(dense({3, 4})), schema_of(metric::dot), nobody);

    CHECK(*cosine->target == dense_vector{0.6f, 0.8f});
    CHECK(*dot->target == dense_vector{3, 4});
  }

  TEST_CASE("a wrong dimension, an unknown name and an absent point are told apart") {
    const auto schema = schema_of(metric::dot);
    auto named = nearest(dense({1, 2}));
    named.vector_name = "other";

    CHECK(query::plan(nearest(dense({1})), schema, nobody).error()
          == status{errc::wrong_input, "Vector dimension error: expected dim: 2, got 1"});
    CHECK(query::plan(named, schema, nobody).error()
          == status{errc::wrong_input, "Not existing vector name error: other"});
    CHECK(query::plan(nearest(point_id{7}), schema, nobody).error()
          == status{errc::not_found, "No point with id 7 found"});
  }

  TEST_CASE("a target that is not finite is refused, as nothing is near to it") {
    for (const auto wrong :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
      for (const auto distance : {metric::cosine, metric::dot, metric::euclid}) {
        CHECK(query::plan(nearest(dense({1, wrong})), schema_of(distance), nobody).error().code
              == errc::wrong_input);
        auto examples = nearest(dense({1, 2}));
        examples.query = recommend_query{{dense({1, 2})}, {dense({wrong, 2})}};
        CHECK(query::plan(examples, schema_of(distance), nobody).error().code == errc::wrong_input);
      }
  }

  TEST_CASE("ids in a query are excluded, unless they live in another collection") {
    auto request = nearest(point_id{7});
    const auto lookup = [](const point_id&) -> outcome<dense_vector> {
      return dense_vector{1, 0};
    };

    const auto here = query::plan(request, schema_of(metric::dot), lookup);
    request.lookup_from = lookup_location{"elsewhere", ""};
    const auto there = query::plan(request, schema_of(metric::dot), lookup);

    CHECK(here->excluded == std::vector{point_id{7}});
    CHECK(there->excluded.empty());
  }

  TEST_CASE("recommendation moves from the mean of the negatives through that of the positives") {
    query_request request;
    request.query = recommend_query{{dense({1, 0}), dense({3, 0})}, {dense({0, 1})}};

    const auto wanted = query::plan(request, schema_of(metric::dot), nobody);

    CHECK(*wanted->target == dense_vector{4, -1});
  }

  TEST_CASE("merged hits are the best of all shards, ties by id, after the offset") {
    const std::vector<shard::shard_hits> shards{{{hit(5, 9), hit(1, 3)}, 0, ""},
                                                {{hit(2, 9), hit(4, 5)}, 0, ""}};

    const auto best = query::merge(shards, false, 0, 3);
    const auto rest = query::merge(shards, false, 2, 10);
    const auto beyond = query::merge(shards, false, 4, 10);

    CHECK(best == std::vector{hit(2, 9), hit(5, 9), hit(4, 5)});
    CHECK(rest == std::vector{hit(4, 5), hit(1, 3)});
    CHECK(beyond.empty());
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
