#pragma once

#include "core/payload/filter.hpp"
#include "core/request/formula.hpp"
#include "core/request/options.hpp"
#include "core/vector/point.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// Everything that points can be searched by, as a tree: prefetches find candidates, the query
/// above them fuses or rescores what they found. Semantics: Qdrant's universal query.
namespace grape {

/// A vector given in full, or as the id of a point whose vector is meant.
using vector_input = std::variant<vector_value, point_id>;

/// Maximal marginal relevance: near, but unlike what was chosen already.
struct mmr_options {
  float diversity = 0.5f;                        ///< 0..1; 0: only near.
  std::optional<std::uint64_t> candidates_limit; ///< At most 16,384; absent: the limit.
};

/// The points nearest to one vector.
struct nearest_query {
  vector_input target;
  std::optional<mmr_options> mmr = {};
};

/// Numbers travel: append, never renumber.
enum class recommend_strategy : std::uint8_t {
  average_vector = 0, ///< Nearest to 2 avg(positive) - avg(negative), or to avg(positive).
  best_score = 1,     ///< By the best example, if that is a positive one.
  sum_scores = 2,     ///< By the sum over positive less the sum over negative examples.
};

/// Points like some and unlike others.
struct recommend_query {
  std::vector<vector_input> positive; ///< Not empty for average_vector.
  std::vector<vector_input> negative;
  recommend_strategy strategy = recommend_strategy::average_vector;
};

struct context_pair {
  vector_input positive;
  vector_input negative;
};

/// First by how many pairs they are on the positive side of, then nearest to the target.
struct discover_query {
  vector_input target;
  std::vector<context_pair> context;
};

/// By how little they are on the negative side of any pair.
struct context_query {
  std::vector<context_pair> context;
};

/// What a payload index orders by; datetimes are microseconds since the epoch.
using order_value = std::variant<std::int64_t, double>;

/// By the values of an indexed payload field: a point once for each of its values.
struct order_by {
  std::string key; ///< A payload path.
  bool descending = false;
  std::optional<order_value> start_from; ///< Inclusive.

  friend bool operator==(const order_by&, const order_by&) = default;
};

struct order_by_query {
  order_by order;
};

/// Sum of 1 / ((rank + 1) / weight + k - 1), ranks from 0.
struct rrf_fusion {
  std::uint64_t k = 2;                       ///< 1 or more.
  std::optional<std::vector<float>> weights; ///< One for each prefetch; absent: 1.
};

/// Sum of scores between mean - 3 deviations (0) and mean + 3 (1).
struct dbsf_fusion {};

/// Weighted sum of the scores as they are; of distances, their negatives.
struct linear_fusion {
  std::vector<float> weights; ///< One for each prefetch.
};

/// Weighted sum of scores brought to 0..1 by the best and the worst of each list.
struct normalised_fusion {
  std::optional<std::vector<float>> weights; ///< One for each prefetch; absent: 1.
};

/// The probability that a logistic regression gives: features are normalised scores.
struct learned_fusion {
  std::vector<float> weights; ///< One for each prefetch.
  float bias = 0;
};

/// Normalised, and each list weighs as much as its scores tell its first hits from the rest.
struct adaptive_fusion {};

struct fusion_query {
  std::variant<rrf_fusion, dbsf_fusion, linear_fusion, normalised_fusion, learned_fusion,
               adaptive_fusion>
      by;
  /// True: each prefetch scores what any of them found, so that no hit lacks the score of one that
  /// found others. Their filters and thresholds choose what is found, and no longer what is scored.
  bool rescore = false;
};

struct formula_query {
  formula by;
};

/// Points in an order that is as good as random.
struct sample_query {
  std::uint64_t seed = 0; ///< Equal seeds over equal points give equal samples.
};

struct feedback_item {
  vector_input example;
  float score = 0;
};

/// a s(target) + sum over pairs of examples, the first scored higher, of
/// (difference of their scores)^b c (s(first) - s(second)).
struct relevance_feedback_query {
  vector_input target;
  std::vector<feedback_item> feedback; ///< Not empty.
  float a = 0;
  float b = 0; ///< 0 or more.
  float c = 0;
};

using query_kind =
    std::variant<nearest_query, recommend_query, discover_query, context_query, order_by_query,
                 fusion_query, formula_query, sample_query, relevance_feedback_query>;

/// Among which points `idf` counts; absent: all of the collection.
struct idf_population {
  std::optional<payload::filter> corpus;

  friend bool operator==(const idf_population&, const idf_population&) = default;
};

/// How hard to search.
struct search_params {
  std::optional<std::uint32_t> hnsw_ef; ///< 1 or more; absent: chosen by the node.
  bool exact = false;                   ///< True: brute force over the stored vectors.
  bool indexed_only = false;            ///< True: skip what is not in a graph yet.
  std::optional<idf_population> idf{};  ///< For sparse vectors with the modifier idf only.
  bool ignore_codes = false;            ///< True: walks compare the stored vectors.
  std::optional<bool> rescore{};        ///< False: scores estimated from codes; absent: true.
  std::optional<double> oversampling{}; ///< Candidates rescored for each hit, 1 or more.

  friend bool operator==(const search_params&, const search_params&) = default;
};

/// Vectors of another collection stand for the ids of a query.
struct lookup_location {
  std::string collection;
  std::optional<std::string> vector = {}; ///< Its vector name; absent: that of the query.
  std::optional<shard_key_selector> keys = {}; ///< As in read_options.
};

/// Prefetches within prefetches.
inline constexpr std::size_t prefetch_depth_max = 64;

/// What a query and each of its prefetches have in common.
struct query_part {
  std::vector<query_part> prefetches;    ///< Their hits are the candidates; none: all points are.
  std::optional<query_kind> query;       ///< Absent: the first points by id, score 1.
  std::string vector_name;               ///< `using`; "" = the unnamed vector.
  std::optional<payload::filter> filter; ///< Holds in all prefetches below as well.
  search_params params;
  std::optional<float> score_threshold;
  std::uint64_t limit = 10; ///< 1 or more.
  std::optional<lookup_location> lookup_from;
};

} // namespace grape
