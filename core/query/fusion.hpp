#pragma once

#include "core/outcome.hpp"
#include "core/query/stages.hpp"

#include <vector>

namespace grape::query {

using hit_list = std::vector<scored_record>; ///< Best first.

/// Fuses lists: best first, ties by id. Pure arithmetic in float32, in the order of the lists.
/// Error: wrong_input (weights of another number).
outcome<hit_list> fuse(const fuse_stage& how, std::vector<hit_list> lists);

/// The scores of one list between 0 (its worst) and 1 (its best): what `normalised`, `learned` and
/// `adaptive` start from. 0.5 each if they do not differ; distances count as their negatives.
std::vector<float> normalised_scores(const hit_list& list, bool ascending);

/// How much better the first hits of a list are than the rest, 0..1: the mean of the best tenth (at
/// least one) of its normalised scores less the mean of all. 0 for fewer than two.
float spread(const std::vector<float>& normalised);

/// Picks hits that are near the target and unlike each other, in the order picked, with the scores
/// that they had. Hits without the vector are left out.
hit_list diversify(const diversify_stage& how, hit_list candidates);

} // namespace grape::query
