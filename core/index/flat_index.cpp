#include "core/index/flat_index.hpp"

#include "core/vector/kernels.hpp"

#include <algorithm>

namespace grape::index {

flat_index::flat_index(metric distance) noexcept : distance_(distance) {
}

void flat_index::put(slot where, std::span<const float> values) {
  vectors_[where].assign(values.begin(), values.end());
}

void flat_index::remove(slot where) {
  vectors_.erase(where);
}

std::vector<scored_slot> flat_index::search(const vector_search& wanted) const {
  const distance_function distance(distance_, wanted.query.size());
  std::vector<scored_slot> found;
  for (const auto& [where, values] : vectors_)
    if (wanted.allowed == nullptr || wanted.allowed->contains(where))
      found.push_back({distance(wanted.query.data(), values.data()), where});
  std::sort(found.begin(), found.end(), better);
  if (found.size() > wanted.k)
    found.resize(wanted.k);
  return found;
}

} // namespace grape::index
