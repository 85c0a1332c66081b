#pragma once

#include "core/index/locator.hpp"
#include "core/index/vector_view.hpp"
#include "core/vector/metric.hpp"

#include <map>
#include <span>
#include <vector>

namespace grape::index {

/// The plainest index that can be: every vector in a map, every search over all of them. The twin
/// against which vector_index is tested. Copies are snapshots. Not thread-safe for writing.
class flat_index {
public:
  explicit flat_index(metric distance) noexcept;

  /// Gives the slot a vector, instead of its earlier one.
  void put(slot where, std::span<const float> values);

  /// Fine if the slot has no vector.
  void remove(slot where);

  /// The k best allowed slots, best first, ties by slot; `ef`, `exact` and `indexed_only` do not
  /// matter. The query has the dimension of what was put.
  std::vector<scored_slot> search(const vector_search& wanted) const;

  metric distance() const noexcept { return distance_; }

  const std::map<slot, std::vector<float>>& vectors() const noexcept { return vectors_; }

private:
  metric distance_;
  std::map<slot, std::vector<float>> vectors_;
};

} // namespace grape::index
