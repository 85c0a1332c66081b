#pragma once

#include "core/vector/kernels.hpp"
#include "core/vector/point.hpp"

#include <optional>
#include <span>

namespace grape {

/// The sum of products over common indices, added in their order; nullopt if there are none.
std::optional<float> sparse_product(const sparse_vector& a, const sparse_vector& b) noexcept;

/// How far a multivector is from a query's (max_sim): for each row of the query the distance to the
/// nearest of `rows`, summed up in the query's order. Smaller is nearer; `score_from_distance`
/// makes the score of it. `rows`: one or more, of the query's dimension, which is that of `by`.
float max_sim_distance(const distance_function& by, const multi_vector& query,
                       std::span<const float> rows) noexcept;

} // namespace grape
