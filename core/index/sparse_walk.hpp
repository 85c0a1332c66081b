#pragma once

#include "core/budget.hpp"
#include "core/index/locator.hpp"
#include "core/index/sparse_segment.hpp"
#include "core/vector/point.hpp"
#include "core/vector/top_k.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

namespace grape::index {

/// A place in the list of one index of a query. Blocks are unpacked only where it stops.
class sparse_cursor {
public:
  static constexpr std::uint32_t end = 0xffff'ffff;

  /// Needs a list that is not empty; `from` outlives this.
  sparse_cursor(const sparse_segment& from, const sparse_segment::list& list,
                float weight) noexcept;

  /// The row it stands at; `end` behind the last one.
  std::uint32_t at() const noexcept { return at_; }

  /// The product of the weight with the value of the row it stands at.
  float product() const noexcept { return weight_ * list_.values[first_ + place_]; }

  /// Goes to the first row at or after `row`.
  void seek(std::uint32_t row) noexcept;

  void next() noexcept { seek(at_ + 1); }

  /// No product of the list is larger; at least 0, as a row may lack the index.
  float most() const noexcept { return most_; }

  /// No product of any row, by magnitude.
  float magnitude() const noexcept { return magnitude_; }

  /// As `most`, of the block in which `row` would be, and the last row of it (`end`: there is
  /// none). `row` is at or after where it stands and never goes down.
  float most_around(std::uint32_t row) noexcept;
  std::uint32_t last_around() const noexcept;

private:
  void open_block() noexcept;
  float bound(float most, float least) const noexcept;

  const sparse_segment* from_;
  sparse_segment::list list_;
  float weight_;
  float most_;
  float magnitude_;
  std::uint32_t block_ = 0; // The block it stands in.
  std::uint32_t look_ = 0;  // The block last looked at, at or behind `block_`.
  std::uint32_t first_ = 0; // The number of the block's first posting.
  std::uint32_t count_ = 0; // Postings of the block.
  std::uint32_t place_ = 0; // Where it stands in the block.
  std::uint32_t at_ = 0;
  std::array<std::uint32_t, sparse_segment::block_rows> rows_;
};

/// Looks for the rows of one segment with the largest products, row by row, and skips what cannot
/// be among the best: WAND (Broder et al. 2003) with bounds of blocks (Ding and Suel 2011). Exact:
/// sums go in the order of the query's indices, and only what is surely too small is skipped.
class sparse_walk {
public:
  /// Whether the row may be found, and whose it is.
  using owner_of_row = std::function<bool(std::uint32_t row, slot& owner)>;

  sparse_walk(const sparse_segment& in, const sparse_vector& query);

  /// Offers to `best`; stops early when the budget is over.
  void run(const owner_of_row& owner, top_k<scored_slot>& best, budget& left);

private:
  void sort_from(std::size_t first);
  std::size_t pivot(float wanted) const;
  bool blocks_reach(std::size_t last, float wanted);
  void skip_blocks(std::size_t last);
  void score(const owner_of_row& owner, top_k<scored_slot>& best);

  std::vector<sparse_cursor> cursors_; // In the order of their indices.
  std::vector<sparse_cursor*> order_;  // Ascending by row.
  float slack_ = 0;                    // What rounding may add to a sum.
};

} // namespace grape::index
