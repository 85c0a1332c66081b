#pragma once

#include "core/ids.hpp"

#include <cstdint>

namespace grape::index {

/// Tails have ids as segments have, but out of reach of them: with this bit set. They do not
/// outlive the process.
constexpr std::uint32_t tail_bit = std::uint32_t{1} << 31;

constexpr bool is_tail(segment_id of) noexcept {
  return (of.value & tail_bit) != 0;
}

/// Where a slot's current vector lies. Rows are never used twice within a process, so an equal
/// locator means the very same vector.
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
