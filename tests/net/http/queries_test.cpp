#include "tests/net/http/api_under_test.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace grape;
using namespace grape::http;

namespace {

const std::string base = "/collections/c/points/";

/// The query of a body that is accepted.
query_request decoded(const std::string& body) {
  api_under_test api;
  const auto got = api.ask(verb::post, base + "query", body);
  CAPTURE(got.body);
  REQUIRE(got.status == 200);
  return api.only<query_request>();
}

template <class Kind>
Kind kind_of(const std::string& query) {
  return std::get<Kind>(*decoded(R"({"query":)" + query + "}").query);
}

template <class Fusion>
Fusion fusion_of(const std::string& query) {
  return std::get<Fusion>(kind_of<fusion_query>(query).by);
}

expression score_of(const std::string& formula) {
  return kind_of<formula_query>(R"({"formula":)" + formula + "}").by.score;
}

} // namespace

TEST_SUITE("net.http.queries") {
  TEST_CASE("every kind of query is read") {
    CHECK(kind_of<nearest_query>(R"({"nearest": 1, "mmr": {"diversity": 0.25}})").mmr->diversity
          == 0.25F);
    CHECK(kind_of<recommend_query>(R"({"recommend": {"negative": [1], "strategy": "best_score"}})")
              .strategy
          == recommend_strategy::best_score);
    CHECK(kind_of<discover_query>(
              R"({"discover": {"target": 1, "context": {"positive": 2, "negative": 3}}})")
              .context.size()
          == 1);
    CHECK(kind_of<context_query>(R"({"context": [{"positive": 2, "negative": 3}]})").context.size()
          == 1);
    const auto order = kind_of<order_by_query>(
                           R"({"order_by": {"key": "a.b", "direction": "desc", "start_from": 5}})")
                           .order;
    CHECK(order == order_by{"a.b", true, order_value{std::int64_t{5}}});
    CHECK(kind_of<sample_query>(R"({"sample": "random", "seed": 7})").seed == 7);
    const auto feedback = kind_of<relevance_feedback_query>(
        R"({"relevance_feedback": {"target": [1], "feedback": [{"example": 5, "score": 0.5}],
          "strategy": {"naive": {"a": 1, "b": 2, "c": 3}}}})");
    CHECK(feedback.feedback.front().score == 0.5F);
    CHECK(feedback.b == 2);
  }

  TEST_CASE("fusions are Qdrant's, and Grape's own under its name") {
    CHECK(fusion_of<rrf_fusion>(R"({"fusion": "rrf"})").k == 2);
    const auto rrf = fusion_of<rrf_fusion>(R"({"rrf": {"k": 60, "weights": [3, 1]}})");
    CHECK(rrf.k == 60);
    CHECK(rrf.weights == std::vector<float>{3, 1});
    (void)fusion_of<dbsf_fusion>(R"({"fusion": "dbsf"})");
    CHECK(fusion_of<linear_fusion>(R"({"grape": {"fusion": "linear", "weights": [0.7, 0.3]}})")
              .weights.size()
          == 2);
    CHECK(fusion_of<learned_fusion>(
              R"({"grape": {"fusion": "learned", "weights": [2], "bias": -1.5}})")
              .bias
          == -1.5F);
    CHECK_FALSE(
        fusion_of<normalised_fusion>(R"({"grape": {"fusion": "normalised"}})").weights.has_value());
    (void)fusion_of<adaptive_fusion>(R"({"grape": {"fusion": "adaptive"}})");
    CHECK_FALSE(kind_of<fusion_query>(R"({"grape": {"fusion": "adaptive"}})").rescore);
    CHECK(kind_of<fusion_query>(R"({"grape": {"fusion": "adaptive", "rescore": true}})").rescore);
  }

  TEST_CASE("prefetches nest, alone or in lists, each with its own settings") {
    const auto asked = decoded(
        R"({"query": [1], "prefetch": [{"query": 2, "using": "a", "limit": 50,
          "prefetch": {"limit": 100, "filter": {"must": [{"has_id": [1]}]}}}, {}]})");

    REQUIRE(asked.prefetches.size() == 2);
    CHECK(asked.prefetches[0].vector_name == "a");
    CHECK(asked.prefetches[0].limit == 50);
    REQUIRE(asked.prefetches[0].prefetches.size() == 1);
    CHECK(asked.prefetches[0].prefetches[0].limit == 100);
    CHECK(asked.prefetches[0].prefetches[0].filter.has_value());
    CHECK_FALSE(asked.prefetches[1].query.has_value());
  }

  TEST_CASE("formulas are trees of numbers, variables, conditions and operations") {
    CHECK(score_of("0.5") == expression{0.5});
    CHECK(score_of(R"("$score[3]")") == expression{score_variable{3}});
    CHECK(score_of(R"("a.b")") == expression{payload_variable{"a.b"}});
    const auto sum = std::get<formula_operation>(
        score_of(R"({"sum": ["$score", {"mult": [2, {"key": "a", "match": {"value": 1}}]}]})")
            .node);
    CHECK(sum.kind == arithmetic::sum);
    REQUIRE(sum.operands.size() == 2);
    const auto& product = std::get<formula_operation>(sum.operands[1].node);
    CHECK(std::holds_alternative<condition_value>(product.operands[1].node));
    const auto quotient = std::get<formula_operation>(
        score_of(R"({"div": {"left": 1, "right": "a", "by_zero_default": 9}})").node);
    CHECK(quotient.by_zero == 9.0);
    const auto decay = std::get<formula_decay>(
        score_of(R"({"lin_decay": {"x": "a", "target": 5, "scale": 10}})").node);
    CHECK(decay.lambda == doctest::Approx(0.05));
    CHECK(decay.x.size() == 2);
    const auto far = std::get<geo_distance>(
        score_of(R"({"geo_distance": {"origin": {"lat": 52.5, "lon": 13.4}, "to": "place"}})")
            .node);
    CHECK(far.path == "place");
  }

  TEST_CASE("groups answer with their hits, and with what was looked up") {
    api_under_test api;
    record doc;
    doc.id = point_id{7};
    api.house.grouped.with_lookup = true;
    api.house.grouped.groups = {{payload::value{"a"}, {{{point_id{1}, 4, {}, {}}, 0.5F}}, doc},
                                {payload::value{std::int64_t{3}}, {}, {}}};

    const auto got = api.ask(verb::post, base + "query/groups",
                             R"({"query": [1], "group_by": "doc", "group_size": 2, "limit": 5,
                    "with_lookup": {"collection": "docs", "with_payload": false}})");

    CHECK(got.body
          == success(R"({"groups":[{"hits":[{"id":1,"version":4,"score":0.5}],"id":"a",)"
                     R"("lookup":{"id":7}},{"hits":[],"id":3,"lookup":null}]})"));
    const auto& asked = api.only<query_groups_request>();
    CHECK(asked.group_by == "doc");
    CHECK(asked.group_size == 2);
    CHECK(asked.query.limit == 5);
    CHECK(asked.with_lookup->collection == "docs");
    CHECK(asked.with_lookup->with_payload.wanted == payload_selector::mode::none);
  }

  TEST_CASE("a matrix is pairs of ids, or places in a list of them") {
    api_under_test api;
    api.house.matrix.ids = {point_id{3}, point_id{5}};
    api.house.matrix.links = {{0, 1, 0.5F}, {1, 0, 0.5F}};

    CHECK(api.ask(verb::post, base + "search/matrix/pairs", "{}").body
          == success(R"({"pairs":[{"a":3,"b":5,"score":0.5},{"a":5,"b":3,"score":0.5}]})"));
    CHECK(api.ask(verb::post, base + "search/matrix/offsets", "{}").body
          == success(R"({"offsets_row":[0,1],"offsets_col":[1,0],"scores":[0.5,0.5],)"
                     R"("ids":[3,5]})"));
  }

  TEST_CASE("the elder endpoints mean the same queries") {
    api_under_test api;
    const auto ask = [&](const std::string& path, const std::string& body) {
      const auto got = api.ask(verb::post, base + path, body);
      CAPTURE(got.body);
      REQUIRE(got.status == 200);
    };
    ask("recommend", R"({"positive": [1], "negative": [2], "strategy": "sum_scores", "limit": 1})");
    ask("discover", R"({"target": 1, "context": [{"positive": 2, "negative": 3}], "limit": 1})");
    ask("discover", R"({"context": [{"positive": 2, "negative": 3}], "limit": 1})");
    ask("search/groups", R"({"vector": [1], "group_by": "a", "group_size": 2, "limit": 3})");
    ask("recommend/groups", R"({"positive": [1], "group_by": "a", "group_size": 2, "limit": 3})");
    ask("recommend/batch", R"({"searches": [{"positive": [1], "limit": 3}]})");
    ask("discover/batch", R"({"searches": [{"target": 1, "limit": 3}]})");

    const auto query = [&](std::size_t i) -> const query_kind& {
      return *std::get<query_request>(api.house.asked[i]).query;
    };
    CHECK(std::get<recommend_query>(query(0)).strategy == recommend_strategy::sum_scores);
    CHECK(std::get<discover_query>(query(1)).context.size() == 1);
    CHECK(std::holds_alternative<context_query>(query(2)));
    CHECK(std::get<query_groups_request>(api.house.asked[3]).query.limit == 3);
    CHECK(std::get<query_groups_request>(api.house.asked[4]).group_size == 2);
  }

  TEST_CASE("an order is asked of a scroll and told with each record") {
    api_under_test api;
    record one;
    one.id = point_id{1};
    one.order = order_value{2.0};
    api.house.page.points = {one};

    CHECK(api.ask(verb::post, base + "scroll", R"({"order_by": "price"})").body
          == success(R"({"points":[{"id":1,"order_value":2.0}],"next_page_offset":null})"));
    CHECK(api.only<scroll_request>().order->key == "price");
  }
}
