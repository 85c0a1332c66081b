#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace grape::index {

/// A row that may become somebody's neighbour.
struct neighbour {
  float distance = 0; ///< From that somebody.
  std::uint32_t row = 0;
  bool settled = false; ///< Was chosen before, together with all others that say so.
};

/// Keeps of `from`, nearest first, those that are at least as near as to any kept one before, and
/// no more than `most`: links that lead into different directions. measure(a, b) is the distance of
/// two rows. Two settled ones are not compared: they were, and stand as they stood.
template <class Measure>
void keep_diverse(std::vector<neighbour>& from, std::size_t most, Measure&& measure) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < from.size() && kept < most; ++i) {
    const auto one = from[i];
    bool good = true;
    for (std::size_t j = 0; j < kept && good; ++j)
      good = (one.settled && from[j].settled) || !(measure(from[j].row, one.row) < one.distance);
    if (good)
      from[kept++] = one;
  }
  from.resize(kept);
}

} // namespace grape::index
