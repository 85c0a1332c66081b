#pragma once

#include "core/index/locator.hpp"
#include "core/vector/point.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace grape::index {

/// Sparse vectors by index (an inverted index): for each index the rows that have it, with their
/// values. Immutable; safe for any number of reading threads. Rows are numbered in the order in
/// which they came.
class sparse_segment {
public:
  /// A vector on its way into a segment.
  struct document {
    slot owner{};
    const sparse_vector* vector = nullptr; ///< Not null.
  };

  /// A segment on its way into another one: the rows that stay.
  struct source {
    const sparse_segment* segment = nullptr; ///< Not null.
    std::function<bool(row)> stays;
  };

  static constexpr std::uint32_t block_rows = 128; ///< Postings of one block.

  /// One block of the rows of one index. Its postings begin at `first`; all blocks of an index but
  /// the last are full.
  struct block {
    std::uint32_t last_row = 0;
    float most = 0; ///< Bounds of the values in it.
    float least = 0;
    std::uint32_t rows_at = 0; ///< Where its rows lie, in words of the packed rows.
    std::uint8_t bits = 0;     ///< Of each packed difference of two rows.
  };

  /// The postings of one index.
  struct list {
    std::span<const block> blocks; ///< Ascending; empty: no row has the index.
    std::span<const float> values; ///< One per posting.
    float most = 0;                ///< Bounds of all values.
    float least = 0;

    std::uint32_t postings() const noexcept { return static_cast<std::uint32_t>(values.size()); }
  };

  static std::shared_ptr<const sparse_segment> build(std::span<const document> documents);

  /// All rows that stay, those of the first source first.
  static std::shared_ptr<const sparse_segment> merge(std::span<const source> sources);

  std::uint32_t rows() const noexcept { return static_cast<std::uint32_t>(owners_.size()); }

  /// Needs where < rows().
  slot owner(row where) const noexcept { return owners_[where.value]; }

  list find(std::uint32_t index) const noexcept;

  /// The rows of one block of the list, ascending; how many there are.
  std::uint32_t unpack(const list& of, std::uint32_t which,
                       std::array<std::uint32_t, block_rows>& rows) const noexcept;

  std::uint64_t postings() const noexcept { return values_.size(); }

  /// Memory of all tables.
  std::uint64_t bytes() const noexcept;

private:
  friend class sparse_segment_builder;

  struct term {
    std::uint32_t index = 0;
    std::uint32_t first_block = 0;
    std::uint64_t first_value = 0;
    float most = 0;
    float least = 0;
  };

  std::vector<slot> owners_; // By row.
  std::vector<term> terms_;  // Ascending by index; one more at the end, as its bound.
  std::vector<block> blocks_;
  std::vector<std::uint32_t> packed_; // Differences of rows, each block beginning with a word.
  std::vector<float> values_;
};

} // namespace grape::index
