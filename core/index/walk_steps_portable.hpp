#pragma once

// Steps of the walk that pay to be written per instruction set, here in plain C++. The contracts
// are the same in every walk_steps_<set>.hpp.

#include "core/index/walk_keys.hpp"

namespace grape::index {
namespace {

/// Writes to `out` those of a link list's rows that were not visited, marks them, calls wanted(row)
/// for at least those, and returns how many. The list ends after `width` links, or before the first
/// no_link. `out` has room for `width` and found_slack more.
template <class Wanted>
std::size_t take_unseen(const std::uint32_t* list, std::size_t width, std::uint64_t* visited,
                        std::uint32_t* out, Wanted wanted) noexcept {
  std::size_t count = 0;
  for (std::size_t i = 0; i < width && list[i] != no_link; ++i) {
    out[count] = list[i];
    wanted(list[i]);
    count += mark(visited, list[i]) ? 0 : 1;
  }
  return count;
}

/// Writes to `out` the keys below `worst`, in the order of the rows, and returns how many. `out`
/// has room for `count` and found_slack more.
inline std::size_t keys_below(std::int64_t worst, const float* distances, const std::uint32_t* rows,
                              std::size_t count, std::int64_t* out) noexcept {
  std::size_t good = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto key = key_of(distances[i], rows[i]);
    out[good] = key;
    good += key < worst ? 1 : 0;
  }
  return good;
}

/// Copies at most keys_per_block keys, no two of them equal, in ascending order. Both arrays have
/// room for keys_per_block.
inline void sort_keys(std::int64_t* keys, std::size_t count, std::int64_t* sorted) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    auto at = i;
    for (; at > 0 && sorted[at - 1] > keys[i]; --at)
      sorted[at] = sorted[at - 1];
    sorted[at] = keys[i];
  }
}

} // namespace
} // namespace grape::index
