#pragma once

#include "core/ids.hpp"

namespace grape::index {

/// Where a slot's current vector lies. Tails have segment ids of their own. Rows are never used
/// twice, so an equal locator means the very same vector.
struct locator {
  segment_id segment{}; ///< 0: the slot has no vector.
  row where{};

  bool present() const noexcept { return segment != segment_id{}; }

  friend bool operator==(const locator&, const locator&) = default;
};

/// One answer of a search. Distances are exact float32; a smaller one is better.
struct scored_slot {
  float distance = 0;
  slot where{};

  friend bool operator==(const scored_slot&, const scored_slot&) = default;
};

/// Best first; equal distances in order of slot.
constexpr bool better(const scored_slot& a, const scored_slot& b) noexcept {
  return a.distance < b.distance || (a.distance == b.distance && a.where < b.where);
}

} // namespace grape::index
