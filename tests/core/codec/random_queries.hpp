#pragma once

#include "core/request/query.hpp"
#include "tests/core/codec/random_records.hpp"

#include <utility>
#include <vector>

/// Draws queries of every kind from a source of random records.
namespace grape::testing {

inline order_value any_order_value(random_records& chance) {
  return chance.below(2) == 0 ? order_value{chance.i64()} : order_value{chance.f64()};
}

inline order_by any_order_by(random_records& chance) {
  order_by made{chance.text(), chance.below(2) == 0, {}};
  if (chance.below(2) == 0)
    made.start_from = any_order_value(chance);
  return made;
}

inline expression any_expression(random_records& chance, std::size_t depth) {
  switch (chance.below(depth == 0 ? 6 : 8)) {
    case 0: return {chance.f64()};
    case 1: return {score_variable{chance.below(5)}};
    case 2: return {payload_variable{chance.text()}};
    case 3: return {condition_value{{payload::has_vector{chance.text()}}}};
    case 4: return {geo_distance{chance.f64(), chance.f64(), chance.text()}};
    case 5: return {datetime_variable{chance.text()}};
    case 6: {
      formula_operation made;
      made.kind = static_cast<arithmetic>(chance.below(10));
      const auto pair = made.kind == arithmetic::quotient || made.kind == arithmetic::power;
      made.operands.push_back(any_expression(chance, depth - 1));
      if (pair)
        made.operands.push_back(any_expression(chance, depth - 1));
      if (chance.below(2) == 0)
        made.by_zero = chance.f64();
      return {std::move(made)};
    }
    default: {
      formula_decay made;
      made.shape = static_cast<decay_shape>(chance.below(3));
      made.lambda = chance.f64();
      made.x.push_back(any_expression(chance, depth - 1));
      if (chance.below(2) == 0)
        made.x.push_back(any_expression(chance, depth - 1));
      return {std::move(made)};
    }
  }
}

inline formula any_formula(random_records& chance) {
  formula made{any_expression(chance, 3), {}};
  made.defaults.emplace(chance.text(), chance.value());
  return made;
}

inline vector_input any_vector_input(random_records& chance) {
  if (chance.below(2) == 0)
    return chance.id();
  return vector_value{dense_vector{1, static_cast<float>(chance.below(9))}};
}

inline std::vector<context_pair> any_pairs(random_records& chance) {
  std::vector<context_pair> made(chance.below(3));
  for (auto& pair : made)
    pair = {any_vector_input(chance), any_vector_input(chance)};
  return made;
}

inline fusion_query any_fusion(random_records& chance) {
  const std::vector<float> weights{0.5f, static_cast<float>(chance.below(9))};
  const auto rescore = chance.below(2) == 0;
  switch (chance.below(6)) {
    case 0: return {rrf_fusion{1 + chance.below(9), weights}, rescore};
    case 1: return {dbsf_fusion{}, rescore};
    case 2: return {linear_fusion{weights}};
    case 3: return {normalised_fusion{weights}};
    case 4: return {learned_fusion{weights, 0.25f}};
    default: return {adaptive_fusion{}};
  }
}

inline query_kind any_query_kind(random_records& chance) {
  switch (chance.below(9)) {
    case 0: return nearest_query{any_vector_input(chance), mmr_options{0.25f, chance.below(9)}};
    case 1:
      return recommend_query{{any_vector_input(chance)},
                             {any_vector_input(chance)},
                             static_cast<recommend_strategy>(chance.below(3))};
    case 2: return discover_query{any_vector_input(chance), any_pairs(chance)};
    case 3: return context_query{any_pairs(chance)};
    case 4: return order_by_query{any_order_by(chance)};
    case 5: return any_fusion(chance);
    case 6: return formula_query{any_formula(chance)};
    case 7: return sample_query{chance.u64()};
    default:
      return relevance_feedback_query{
          any_vector_input(chance), {{any_vector_input(chance), 0.5f}}, 1, 2, 3};
  }
}

inline std::vector<query_part> any_prefetches(random_records& chance, std::size_t depth) {
  std::vector<query_part> made(depth == 0 ? 0 : chance.below(3));
  for (auto& part : made) {
    part.prefetches = any_prefetches(chance, depth - 1);
    if (chance.below(2) == 0)
      part.query = any_query_kind(chance);
    part.vector_name = chance.text();
    part.limit = 1 + chance.below(100);
  }
  return made;
}

} // namespace grape::testing
