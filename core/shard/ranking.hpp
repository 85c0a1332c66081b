#pragma once

#include "core/request/query.hpp"
#include "core/vector/point.hpp"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

/// By what a shard ranks points: the query kinds with all ids resolved. Vectors are in the form in
/// which they are stored (normalised for Cosine). "Similarity" is the dot product, or the negative
/// of the squared Euclidean or of the Manhattan distance: larger is better.
namespace grape::shard {

/// Ascending ids, score 1.
struct rank_by_id {
  friend bool operator==(const rank_by_id&, const rank_by_id&) = default;
};

/// The metric's own score, in its own direction; everything below is better when larger.
struct rank_nearest {
  vector_value target;

  friend bool operator==(const rank_nearest&, const rank_nearest&) = default;
};

/// Of the best positive p and the best negative n: squash(p) if p > n, else -squash(n), where
/// squash(x) = (x / (1 + |x|) + 1) / 2.
struct rank_best_score {
  std::vector<vector_value> positive;
  std::vector<vector_value> negative;

  friend bool operator==(const rank_best_score&, const rank_best_score&) = default;
};

/// Sum over positive less sum over negative.
struct rank_sum_scores {
  std::vector<vector_value> positive;
  std::vector<vector_value> negative;

  friend bool operator==(const rank_sum_scores&, const rank_sum_scores&) = default;
};

struct vector_pair {
  vector_value positive;
  vector_value negative;

  friend bool operator==(const vector_pair&, const vector_pair&) = default;
};

/// Sum of the signs of s(positive) - s(negative), and squash(s(target)).
struct rank_discover {
  vector_value target;
  std::vector<vector_pair> pairs;

  friend bool operator==(const rank_discover&, const rank_discover&) = default;
};

/// Sum of x / (1 + |x|) for x = min(s(positive) - s(negative) - epsilon, 0).
struct rank_context {
  std::vector<vector_pair> pairs;

  friend bool operator==(const rank_context&, const rank_context&) = default;
};

/// a s(target) + sum of weight (s(positive) - s(negative)).
struct rank_feedback {
  vector_value target;
  float a = 0;
  std::vector<vector_pair> pairs;
  std::vector<float> weights; ///< One for each pair.

  friend bool operator==(const rank_feedback&, const rank_feedback&) = default;
};

/// By value, ties by id in the same direction; a point once for each value. Score 1.
struct rank_by_value {
  order_by order;

  friend bool operator==(const rank_by_value&, const rank_by_value&) = default;
};

/// By a hash of seed and id: any shard puts a point to the same place. Score 1.
struct rank_by_chance {
  std::uint64_t seed = 0;

  friend bool operator==(const rank_by_chance&, const rank_by_chance&) = default;
};

/// By a formula; candidates only.
struct rank_by_formula {
  formula by;
  /// For each candidate its scores in the prefetches, as far as it is in them.
  std::vector<std::vector<std::optional<float>>> scores;

  friend bool operator==(const rank_by_formula&, const rank_by_formula&) = default;
};

/// Numbers travel: append, never renumber.
using ranking =
    std::variant<rank_by_id, rank_nearest, rank_best_score, rank_sum_scores, rank_discover,
                 rank_context, rank_feedback, rank_by_value, rank_by_chance, rank_by_formula>;

/// Calls visit(vector) for every vector of a ranking, in the order of its members.
template <class Ranking, class Visit>
void each_vector(Ranking& of, Visit&& visit) {
  const auto all = [&](auto& vectors) {
    for (auto& vector : vectors)
      visit(vector);
  };
  const auto pairs = [&](auto& both) {
    for (auto& pair : both) {
      visit(pair.positive);
      visit(pair.negative);
    }
  };
  std::visit(
    [&](auto& by) {
      if constexpr (requires { by.target; })
        visit(by.target);
      if constexpr (requires { by.positive; }) {
        all(by.positive);
        all(by.negative);
      }
      if constexpr (requires { by.pairs; })
        pairs(by.pairs);
    },
    of);
}

} // namespace grape::shard
