#pragma once

// Keys of the walk's pool and marks of visited rows: what the steps of every instruction set
// share. Included only by what is compiled once per instruction set; see walk_loop.hpp.

#include "core/index/walk.hpp"

#include <cstring>

namespace grape::index {
namespace {

/// Beyond every key of a row.
constexpr std::int64_t farthest = 0x7fff'ffff'ffff'ffff;

/// Distance << 32 | row << 1. Orders like the float: negative floats have their other bits
/// flipped.
inline std::int64_t key_of(float distance, std::uint32_t row) noexcept {
  std::int32_t bits;
  std::memcpy(&bits, &distance, sizeof bits);
  bits ^= (bits >> 31) & 0x7fff'ffff;
  const auto high = static_cast<std::uint64_t>(static_cast<std::uint32_t>(bits)) << 32;
  return static_cast<std::int64_t>(high | (std::uint64_t{row} << 1));
}

/// Marks a row as visited; true if it was already.
inline bool mark(std::uint64_t* visited, std::uint32_t row) noexcept {
  auto& word = visited[row / 64];
  const auto bit = std::uint64_t{1} << (row % 64);
  const auto before = (word & bit) != 0;
  word |= bit;
  return before;
}

/// Marks rows as visited, closes the gaps that those leave which were so already, and calls
/// wanted(row) for all.
template <class Wanted>
std::size_t mark_all(std::uint64_t* visited, std::uint32_t* rows, std::size_t count,
                     Wanted wanted) noexcept {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto row = rows[i];
    wanted(row);
    rows[kept] = row;
    kept += mark(visited, row) ? 0 : 1;
  }
  return kept;
}

} // namespace
} // namespace grape::index
