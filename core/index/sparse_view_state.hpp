#pragma once

#include "core/cow_array.hpp"
#include "core/index/locator.hpp"
#include "core/index/sparse_segment.hpp"
#include "core/vector/point.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace grape::index {

/// A vector that is in no inverted list yet.
struct sparse_tail_row {
  slot owner{};
  std::shared_ptr<const sparse_vector> vector;
};

/// A segment and how many of its rows are still some slot's current vector.
struct sparse_part {
  segment_id id{};
  std::shared_ptr<const sparse_segment> lists;
  std::uint32_t live = 0;
};

/// What the writer's and the reader's side of a sparse index share. A copy is a snapshot.
/// Invariant: a row is live exactly if its owner's locator points to it.
struct sparse_view_state {
  cow_array<locator> locators;          ///< By slot.
  cow_array<sparse_tail_row, 128> tail; ///< In order of arrival.
  segment_id tail_id{};
  std::uint32_t tail_live = 0;
  std::vector<sparse_part> parts; ///< Oldest first.
  std::size_t size = 0;           ///< Slots with a vector.

  locator locate(slot of) const noexcept {
    return of.value < locators.size() ? locators[of.value] : locator{};
  }

  bool is_live(segment_id part, std::uint32_t number, slot owner) const noexcept {
    return locate(owner) == locator{part, row{number}};
  }
};

} // namespace grape::index
