#pragma once

#include "core/check.hpp"
#include "core/cow_array.hpp"
#include "core/index/locator.hpp"
#include "core/index/sealed_part.hpp"
#include "core/index/tail.hpp"
#include "core/shard/segment_policy.hpp"
#include "core/vector/kernels.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace grape::index {

/// What the writer's and the reader's side of a vector index share. A copy is a snapshot.
/// Invariant: a row is live exactly if its owner's locator points to it.
struct vector_view_state {
  vector_view_state(const distance_function& by, const row_layout& rows)
    : distance(by)
    , layout(rows) {
  }

  distance_function distance;
  row_layout layout;
  cow_array<locator> locators;     ///< By slot.
  std::vector<tail> tails;         ///< Frozen ones first; the last one takes new vectors.
  std::vector<sealed_part> sealed; ///< Ascending by id.
  std::size_t size = 0;            ///< Slots with a vector.

  locator locate(slot of) const noexcept {
    return of.value < locators.size() ? locators[of.value] : locator{};
  }

  /// The row at a present locator, as the layout says.
  const void* stored(locator where) const noexcept {
    if (is_tail(where.segment)) {
      for (const auto& part : tails)
        if (part.id() == where.segment)
          return part.stored(where.where);
    } else {
      for (const auto& part : sealed)
        if (part.id() == where.segment)
          return part.graph()->stored(where.where);
    }
    check_failed("a locator points to a part", __FILE__, __LINE__);
  }

  std::vector<shard::part_figures> figures(std::uint32_t dimension) const {
    std::vector<shard::part_figures> parts;
    const auto row_bytes = std::uint64_t{dimension} * sizeof(float);
    for (const auto& part : sealed)
      parts.push_back({part.id(), true, part.rows(), part.live(), part.live() * row_bytes});
    for (const auto& part : tails)
      parts.push_back({part.id(), false, part.rows(), part.live(), part.live() * row_bytes});
    return parts;
  }
};

} // namespace grape::index
