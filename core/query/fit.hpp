#pragma once

#include "core/outcome.hpp"
#include "core/query/fusion.hpp"

#include <cstddef>
#include <span>
#include <vector>

/// Finds the weights of a learned fusion: a logistic regression over what the prefetches of
/// labelled queries found. Pure, and the same for the same input on every run.
namespace grape::query {

/// What the prefetches of one query found, and which points should have been found.
struct labelled_lists {
  std::vector<hit_list> lists;
  std::vector<bool> ascending;    ///< Of each list: smaller scores are better.
  std::vector<point_id> relevant; ///< In any order. Those in none of the lists say nothing.
};

/// All candidates of all queries.
struct candidates {
  std::size_t lists = 0;      ///< Of each query.
  std::vector<float> scores;  ///< `lists` of each candidate: normalised, 0 where it is not found.
  std::vector<bool> relevant; ///< Of each candidate.
};

/// Adds every point of any list as a candidate, with the scores that `fuse` would weigh.
/// Error: wrong_input (another number of lists than before, or none).
status add_candidates(candidates& to, const labelled_lists& from);

struct fit_options {
  /// Above 0: half of it times the sum of the squared weights is added to the summed loss. The
  /// bias costs nothing.
  double l2 = 1;
  std::size_t steps_max = 100; ///< It seldom takes ten.
};

struct fitted_fusion {
  learned_fusion by;
  std::size_t relevant = 0; ///< How many of the candidates.
  double loss = 0;          ///< Mean over the candidates, in nats, without the penalty.
  double loss_of_share = 0; ///< The same for who only knows how many are relevant.
  std::size_t steps = 0;
};

/// The weights and bias of the least penalised loss, by Newton's method. They are unique.
/// Errors: wrong_input (no candidate, none relevant, or all; l2 not above 0).
outcome<fitted_fusion> fit_fusion(const candidates& from, const fit_options& how);

} // namespace grape::query
