#pragma once

#include "core/vector/bit_block.hpp"
#include "core/vector/kernels.hpp"
#include "core/vector/quantizer_bits.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace grape::index {

/// One bit per component of a tail's rows, in blocks of 64 rows: enough to tell which rows can be
/// nearer than a bound, at a thirtieth of the bytes. A copy is a snapshot: it shares the blocks and
/// does not see later ones. Only the original may be changed, by one thread.
class tail_codes {
public:
  /// Whether codes of this kind say anything about such vectors.
  static bool suit(metric kind, std::size_t dimension) noexcept;

  /// Needs suit().
  tail_codes(metric kind, std::size_t dimension);

  /// The next 64 rows. `row_at` gives all rows from the first one on, by number.
  void append_block(const quantizer::row_source& row_at);

  std::size_t blocks() const noexcept { return blocks_; }

  /// Memory that codes take.
  std::uint64_t bytes() const noexcept;

private:
  friend class tail_probe;

  // Blocks never move, and readers look only at those that were whole when they came. What comes
  // in may change in the course of time, and codes are the better the nearer the mean is.
  struct chunk {
    std::shared_ptr<const quantizer_bits> coder;
    std::unique_ptr<std::uint64_t[]> bits;
    std::unique_ptr<float[]> factors;
    std::unique_ptr<float[]> origins;
  };

  static bit_block block(const chunk& from, std::size_t within) noexcept;

  metric kind_;
  std::size_t dimension_;
  std::vector<std::shared_ptr<const chunk>> chunks_;
  std::size_t blocks_ = 0;
};

/// A query against such codes, which outlive it.
class tail_probe {
public:
  /// `query` has the dimension of the codes, and outlives this, too.
  tail_probe(const tail_codes& codes, const float* query, isa with = best_isa());

  /// Writes a distance for each row of a block: a row is nearer than it says in one of 80 cases.
  /// Returns how many rows it puts not farther than `bound`. Needs block < codes.blocks(). Blocks
  /// are best asked for in their order.
  std::size_t measure(std::size_t block, float bound, std::array<float, bit_block_rows>& least);

  /// The rows that may be nearer than `bound` of up to `step_blocks` blocks from `block` on: of
  /// those that are hardly nearer, one in 80 is left out. `block` is a multiple of `step_blocks`.
  /// Valid until the next call.
  std::span<const std::uint32_t> near(std::size_t block, float bound);

  static constexpr std::size_t step_blocks = 16;

private:
  void prepare(const tail_codes::chunk& chunk);

  const tail_codes& codes_;
  const float* query_;
  isa isa_;
  const tail_codes::chunk* prepared_ = nullptr; // What the rest is for.
  code_query coded_;
  bit_probe probe_{};
  std::array<std::uint32_t, step_blocks * bit_block_rows + 1> near_;
};

} // namespace grape::index
