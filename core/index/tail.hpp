#pragma once

#include "core/budget.hpp"
#include "core/cow_array.hpp"
#include "core/ids.hpp"
#include "core/index/locator.hpp"
#include "core/index/tail_codes.hpp"
#include "core/slot_set.hpp"
#include "core/vector/kernels.hpp"
#include "core/vector/point.hpp"
#include "core/vector/stored_row.hpp"
#include "core/vector/top_k.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace grape::index {

/// Vectors in order of arrival, found by scanning all of them. A copy is a snapshot: it shares
/// the rows and does not see later changes. Only the original may be changed, by one thread;
/// copies may be read on any.
class tail {
public:
  /// With a metric it gets codes for that once it is long enough, if codes are of use there.
  tail(segment_id id, const row_layout& layout, std::optional<metric> coded = std::nullopt);

  /// A new row, live. `values` has the tail's dimension and fits its layout.
  row append(slot owner, const point_id& id, std::uint64_t vector_version,
             std::span<const float> values);

  /// The same with a row as another tail of this layout stores it.
  row append_stored(slot owner, const point_id& id, std::uint64_t vector_version,
                    const void* stored);

  /// The row is some point's current vector no more. Needs a live row.
  void kill(row where);

  segment_id id() const noexcept { return id_; }
  std::uint32_t rows() const noexcept { return rows_; }
  std::uint32_t live() const noexcept { return live_; }

  /// Memory reserved for rows and tables.
  std::uint64_t bytes() const noexcept;

  /// Needs where < rows(), like the next three.
  bool is_live(row where) const noexcept {
    return (live_words_[where.value / 64] >> (where.value % 64) & 1) != 0;
  }

  /// As the layout says; valid while this or a copy lives.
  const void* stored(row where) const noexcept {
    return at(where).values.get() + offset(where) * layout_.bytes();
  }

  slot owner(row where) const noexcept { return at(where).owners[offset(where)]; }
  const point_id& id_of(row where) const noexcept { return at(where).ids[offset(where)]; }
  std::uint64_t vector_version_of(row where) const noexcept {
    return at(where).versions[offset(where)];
  }

  /// Calls visit(row) for each live row, ascending.
  template <class Visit>
  void for_each_live(Visit&& visit) const {
    for (std::uint32_t word = 0; word * 64 < rows_; ++word)
      for (auto bits = live_words_[word]; bits != 0; bits &= bits - 1)
        visit(row{word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits))});
  }

  /// Whether scan() can do with less than all rows.
  bool is_coded() const noexcept { return codes_.has_value(); }

  /// Offers every live row whose slot is in `allowed` (null: every live row) to `best`. By codes,
  /// if there are some, only those that may be nearer than what `best` holds (and about one in
  /// 30,000 of these is overlooked): the better it is filled before, the sooner it is done. Stops
  /// early when the budget is over.
  void scan(const distance_function& distance, const float* query, const slot_set* allowed,
            bool by_codes, top_k<scored_slot>& best, budget& left) const;

private:
  // Rows never move, so readers and the appending writer touch different bytes of a chunk.
  struct chunk {
    std::unique_ptr<std::byte[]> values;
    std::unique_ptr<slot[]> owners;
    std::unique_ptr<point_id[]> ids;
    std::unique_ptr<std::uint64_t[]> versions;
  };

  friend class tail_scan;

  std::byte* add(slot owner, const point_id& id, std::uint64_t vector_version);
  void encode();
  const chunk& at(row where) const noexcept { return *chunks_[where.value >> chunk_shift_]; }
  std::size_t offset(row where) const noexcept {
    return where.value & ((std::uint32_t{1} << chunk_shift_) - 1);
  }

  segment_id id_;
  row_layout layout_;
  std::optional<metric> coded_; // Codes are wanted.
  std::uint32_t chunk_shift_;
  std::uint32_t rows_ = 0;
  std::uint32_t live_ = 0;
  cow_array<std::shared_ptr<chunk>, 64> chunks_;
  cow_array<std::uint64_t, 64> live_words_; // A bit per row; 4,096 rows a page.
  std::optional<tail_codes> codes_;          // Of all whole blocks of rows, or none.
};

} // namespace grape::index
