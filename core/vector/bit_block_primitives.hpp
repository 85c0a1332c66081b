#pragma once

// Blocks of 64 one-bit codes against a query. Plain loops over blocks of lanes, which the compiler
// turns into the registers of the instruction set that the including file is compiled for.
// Everything has internal linkage: code compiled for one instruction set must never be picked by
// the linker for another.

#include "core/vector/bit_block.hpp"

namespace grape {
namespace {

/// See kernel_table::measure_bit_rows.
inline std::size_t measure_bit_rows(const bit_block& block, const bit_probe& probe, float bound,
                                    float* distances) noexcept {
  std::int64_t sets[bit_block_rows] = {};
  for (std::size_t word = 0; word < probe.words; ++word) {
    const auto* rows = block.bits + word * bit_block_rows;
    const auto one = probe.planes[word];
    const auto two = probe.planes[probe.words + word];
    const auto four = probe.planes[2 * probe.words + word];
    const auto eight = probe.planes[3 * probe.words + word];
    const auto ones = [](std::uint64_t bits) { return std::int64_t{__builtin_popcountll(bits)}; };
    for (std::size_t row = 0; row < bit_block_rows; ++row) {
      const auto bits = rows[row];
      sets[row] +=
          ones(bits & one) + 2 * ones(bits & two) + 4 * ones(bits & four) - 8 * ones(bits & eight);
    }
  }
  std::int32_t near = 0;
  for (std::size_t row = 0; row < bit_block_rows; ++row) {
    const auto turned = probe.scale * static_cast<float>(sets[row]) + probe.shift;
    distances[row] = block.origins[row] + block.factors[row] * turned;
    near += distances[row] > bound ? 0 : 1;
  }
  return static_cast<std::size_t>(near);
}

/// See kernel_table::near_bit_rows.
inline std::size_t near_bit_rows(bit_block block, std::size_t blocks, const bit_probe& probe,
                                 float bound, std::uint32_t* rows) noexcept {
  std::size_t found = 0;
  for (std::size_t i = 0; i < blocks; ++i) {
    float distances[bit_block_rows];
    if (measure_bit_rows(block, probe, bound, distances) > 0)
      for (std::uint32_t row = 0; row < bit_block_rows; ++row) {
        rows[found] = static_cast<std::uint32_t>(i * bit_block_rows) + row;
        found += distances[row] > bound ? 0 : 1;
      }
    block.bits += probe.words * bit_block_rows;
    block.factors += bit_block_rows;
    block.origins += bit_block_rows;
  }
  return found;
}

} // namespace
} // namespace grape
