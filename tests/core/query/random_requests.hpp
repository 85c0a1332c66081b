#pragma once

#include "core/request/collection.hpp"
#include "core/request/read.hpp"

#include <random>
#include <string>
#include <vector>

namespace grape::test {

/// Draws collections and queries of every kind from a seed.
class random_requests {
public:
  explicit random_requests(std::uint64_t seed)
    : random_(seed) {}

  static collection_schema schema() {
    collection_schema made;
    for (const auto& [name, kind] :
         {std::pair{"dot", metric::dot}, std::pair{"cosine", metric::cosine},
          std::pair{"euclid", metric::euclid}, std::pair{"manhattan", metric::manhattan}})
      made.options.vectors[name] = {.size = 4, .distance = kind, .hnsw = {}, .echoed = {}};
    made.options.optimizers.indexing_threshold_kb = 1;
    made.fields["n"] = {field_type::integer, {}};
    made.fields["price"] = {field_type::floating, {}};
    return made;
  }

  /// Every point has every vector, so that any id can stand for one.
  std::vector<point> points(std::size_t count) {
    std::vector<point> made;
    for (std::size_t i = 0; i < count; ++i) {
      point one{point_id{i}, {}, {}};
      for (const auto* name : {"cosine", "dot", "euclid", "manhattan"})
        one.vectors.push_back({name, vector()});
      if (below(10) > 2)
        one.payload.set("n", number());
      if (below(10) > 4)
        one.payload.set("price", payload::value{static_cast<double>(below(1'000)) / 8.0});
      if (below(10) > 3)
        one.payload.set("tag", tag());
      made.push_back(std::move(one));
    }
    count_ = count;
    return made;
  }

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }

  query_request query() {
    query_request made;
    made.collection = "words";
    static_cast<query_part&>(made) = part(below(3));
    made.offset = below(4) == 0 ? below(6) : 0;
    if (below(3) == 0)
      made.with_payload.wanted = payload_selector::mode::all;
    return made;
  }

  query_groups_request groups() {
    query_groups_request made;
    made.collection = "words";
    made.query = query();
    made.query.offset = 0;
    made.query.limit = 1 + below(5);
    made.group_by = below(2) == 0 ? "tag" : "n";
    made.group_size = 1 + below(4);
    return made;
  }

private:
  float component() { return static_cast<float>(below(20'001)) / 10'000.0f - 1.0f; }

  dense_vector vector() { return {component(), component(), component(), component()}; }

  payload::value number() {
    const auto one = [&] { return payload::value{static_cast<std::int64_t>(below(12)) - 3}; };
    return below(5) == 0 ? payload::value{payload::array{one(), one(), one()}} : one();
  }

  payload::value tag() {
    constexpr const char* words[] = {"a", "b", "c", "d", "e"};
    const auto one = [&] { return payload::value{words[below(5)]}; };
    return below(4) == 0 ? payload::value{payload::array{one(), one()}} : one();
  }

  vector_input input() {
    if (below(3) == 0)
      return point_id{below(count_)};
    return vector_value{vector()};
  }

  std::vector<vector_input> inputs(std::size_t least) {
    std::vector<vector_input> made(least + below(3));
    for (auto& one : made)
      one = input();
    return made;
  }

  std::vector<context_pair> pairs(std::size_t least) {
    std::vector<context_pair> made(least + below(3));
    for (auto& one : made)
      one = {input(), input()};
    return made;
  }

  std::optional<payload::filter> filter() {
    if (below(3) != 0)
      return std::nullopt;
    payload::filter made;
    payload::field_condition test{
        "n", {payload::number_range{.lt = {}, .gt = {}, .lte = {}, .gte = {}}}};
    std::get<payload::number_range>(test.tests.front()).gte = static_cast<double>(below(6));
    if (below(2) == 0)
      made.must.push_back({test});
    else
      made.must_not.push_back({test});
    return made;
  }

  query_part part(std::size_t depth) {
    query_part made;
    if (depth > 0)
      for (auto left = 1 + below(3); left > 0; --left)
        made.prefetches.push_back(part(depth - 1));
    constexpr const char* names[] = {"dot", "cosine", "euclid", "manhattan"};
    made.vector_name = names[below(4)];
    made.filter = filter();
    made.params.exact = true;
    made.limit = 1 + below(25);
    if (made.prefetches.empty()) {
      if (below(8) != 0)
        made.query = leaf();
    } else {
      made.query = merging(made.prefetches.size());
      if (auto* fusion = std::get_if<fusion_query>(&*made.query))
        fusion->rescore = below(3) != 0 && all_can_rescore(made.prefetches);
    }
    if (made.query && std::holds_alternative<fusion_query>(*made.query))
      made.vector_name.clear();
    if (made.query && below(6) == 0 && !std::holds_alternative<order_by_query>(*made.query))
      made.score_threshold = component();
    return made;
  }

  static bool all_can_rescore(const std::vector<query_part>& prefetches) {
    for (const auto& each : prefetches) {
      const auto* nearest = each.query ? std::get_if<nearest_query>(&*each.query) : nullptr;
      const auto by_vectors = each.query
                              && (std::holds_alternative<recommend_query>(*each.query)
                                  || std::holds_alternative<discover_query>(*each.query)
                                  || std::holds_alternative<context_query>(*each.query)
                                  || std::holds_alternative<relevance_feedback_query>(*each.query));
      if (!by_vectors && !(nearest && !nearest->mmr))
        return false;
    }
    return true;
  }

  query_kind leaf() {
    switch (below(8)) {
      case 0:
      case 1: {
        nearest_query made{input()};
        if (below(3) == 0) {
          made.mmr = mmr_options{static_cast<float>(below(5)) / 4.0f, {}};
          if (below(2) == 0)
            made.mmr->candidates_limit = 1 + below(30);
        }
        return made;
      }
      case 2:
        return recommend_query{inputs(1), inputs(0), static_cast<recommend_strategy>(below(3))};
      case 3: return discover_query{input(), pairs(0)};
      case 4: return context_query{pairs(1)};
      case 5: {
        order_by by{below(2) == 0 ? "n" : "price", below(2) == 0, {}};
        if (below(3) == 0)
          by.start_from = order_value{static_cast<std::int64_t>(below(8))};
        return order_by_query{by};
      }
      case 6: return sample_query{random_()};
      default: {
        relevance_feedback_query made{input(), {}, component(), 1.5f, component()};
        for (auto left = 1 + below(3); left > 0; --left)
          made.feedback.push_back({input(), component()});
        return made;
      }
    }
  }

  query_kind merging(std::size_t prefetches) {
    switch (below(4)) {
      case 0: return leaf();
      case 1: {
        formula_operation product;
        product.kind = arithmetic::product;
        product.operands = {{score_variable{0}}, {0.5}};
        formula_decay near;
        near.shape = static_cast<decay_shape>(below(3));
        near.lambda = near.shape == decay_shape::linear ? 0.05 : -0.05;
        near.x = {{payload_variable{"price"}}, {20.0}};
        payload::filter holds = filter().value_or(payload::filter{});
        formula_operation sum;
        sum.operands = {{product}, {near}, {condition_value{{holds}}}};
        return formula_query{
            {{sum}, {{"price", payload::value{3.0}}, {"$score[0]", payload::value{0.25}}}}};
      }
      default: return fusion(prefetches);
    }
  }

  fusion_query fusion(std::size_t prefetches) {
    std::vector<float> weights(prefetches);
    for (auto& weight : weights)
      weight = component() + 0.5f;
    switch (below(6)) {
      case 0: return {rrf_fusion{1 + below(60), weights}};
      case 1: return {dbsf_fusion{}};
      case 2: return {linear_fusion{weights}};
      case 3: return {normalised_fusion{weights}};
      case 4: return {learned_fusion{weights, 0.5f}};
      default: return {adaptive_fusion{}};
    }
  }

  std::mt19937_64 random_;
  std::size_t count_ = 1;
};

} // namespace grape::test
