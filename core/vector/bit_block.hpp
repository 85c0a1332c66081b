#pragma once

#include <cstddef>
#include <cstdint>

namespace grape {

constexpr std::size_t bit_block_rows = 64;

/// The one-bit codes of 64 rows (see quantizer_bits), laid out so that a register holds the same
/// word of several rows: word w of row r is bits[w * 64 + r].
struct bit_block {
  const std::uint64_t* bits;
  const float* factors; ///< By row.
  const float* origins; ///< By row: what its distance is when nothing of the query is.
};

/// A query against such blocks: a row's distance is origin + factor * (scale * set + shift), `set`
/// being the sum of the query's 4-bit components (two's complement) where the row has a bit.
struct bit_probe {
  const std::uint64_t* planes; ///< words for each of the four bits of a component, lowest first.
  std::size_t words;
  float scale;
  float shift;
};

} // namespace grape
