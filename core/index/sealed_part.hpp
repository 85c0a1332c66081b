#pragma once

#include "core/check.hpp"
#include "core/ids.hpp"
#include "core/index/segment.hpp"
#include "core/sole_owner.hpp"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace grape::index {

/// A sealed segment as one index uses it: whose its rows are, and which of them still count. A
/// copy is a snapshot that does not see later changes. Only the original may be changed, by one
/// thread; copies may be read on any.
class sealed_part {
public:
  /// No row counts yet. `slot_of_row` has an entry for each row; those of dead rows do not matter.
  sealed_part(std::shared_ptr<const segment> rows, std::vector<std::uint32_t> slot_of_row)
    : graph_(std::move(rows))
    , slot_of_row_(std::make_shared<const std::vector<std::uint32_t>>(std::move(slot_of_row)))
    , live_words_(std::make_shared<std::vector<std::uint64_t>>((graph_->rows() + 63) / 64)) {
    GRAPE_CHECK(slot_of_row_->size() == graph_->rows());
  }

  /// Needs a dead row.
  void enliven(row where) {
    GRAPE_CHECK(where.value < graph_->rows() && !is_live(where));
    own()[where.value / 64] |= std::uint64_t{1} << (where.value % 64);
    ++live_;
  }

  /// Needs a live row.
  void kill(row where) {
    GRAPE_CHECK(where.value < graph_->rows() && is_live(where));
    own()[where.value / 64] &= ~(std::uint64_t{1} << (where.value % 64));
    --live_;
  }

  bool is_live(row where) const noexcept {
    return ((*live_words_)[where.value / 64] >> (where.value % 64) & 1) != 0;
  }

  slot owner(row where) const noexcept { return slot{(*slot_of_row_)[where.value]}; }

  segment_id id() const noexcept { return graph_->id(); }
  std::uint32_t rows() const noexcept { return graph_->rows(); }
  std::uint32_t live() const noexcept { return live_; }
  const std::shared_ptr<const segment>& graph() const noexcept { return graph_; }

  /// Live rows, and of those the ones whose bit is set in `allowed` (null: all). It borrows.
  row_filter filter(const std::uint64_t* allowed) const noexcept {
    return {live_ == graph_->rows() ? nullptr : live_words_->data(), slot_of_row_->data(), allowed,
            live_};
  }

  /// Memory of the graph and of this object's tables.
  std::uint64_t bytes() const noexcept {
    return graph_->bytes() + slot_of_row_->size() * sizeof(std::uint32_t)
           + live_words_->size() * sizeof(std::uint64_t);
  }

private:
  // The graph walk wants the bits in one piece, so a change after a snapshot copies all of them:
  // 2 microseconds for 300,000 rows.
  std::vector<std::uint64_t>& own() {
    if (!is_sole_owner(live_words_))
      live_words_ = std::make_shared<std::vector<std::uint64_t>>(*live_words_);
    return *live_words_;
  }

  std::shared_ptr<const segment> graph_;
  std::shared_ptr<const std::vector<std::uint32_t>> slot_of_row_;
  std::shared_ptr<std::vector<std::uint64_t>> live_words_; // A bit per row.
  std::uint32_t live_ = 0;
};

} // namespace grape::index
