#include "core/vector/similarity.hpp"

#include <algorithm>
#include <limits>

namespace grape {

std::optional<float> sparse_product(const sparse_vector& a, const sparse_vector& b) noexcept {
  std::optional<float> sum;
  for (std::size_t i = 0, j = 0; i < a.indices.size() && j < b.indices.size();) {
    if (a.indices[i] < b.indices[j]) {
      ++i;
    } else if (a.indices[i] > b.indices[j]) {
      ++j;
    } else {
      sum = sum.value_or(0.0f) + a.values[i] * b.values[j];
      ++i;
      ++j;
    }
  }
  return sum;
}

float max_sim_distance(const distance_function& by, const multi_vector& query,
                       std::span<const float> rows) noexcept {
  float sum = 0;
  const auto dimension = by.dimension();
  for (std::size_t which = 0; which < query.rows(); ++which) {
    auto nearest = std::numeric_limits<float>::infinity();
    for (std::size_t at = 0; at < rows.size(); at += dimension)
      nearest = std::min(nearest, by(query.row(which).data(), rows.data() + at));
    sum += nearest;
  }
  return sum;
}

} // namespace grape
