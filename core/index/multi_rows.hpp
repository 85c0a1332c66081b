#pragma once

#include "core/cow_array.hpp"
#include "core/ids.hpp"

#include <cstdint>
#include <map>

namespace grape::index {

/// Where the rows of a point's multivector are in the index of all rows: the numbers first,
/// first + 1, ... stand for slots there.
struct row_range {
  std::uint32_t first = 0;
  std::uint32_t count = 0; ///< 0: the point has none.

  friend bool operator==(const row_range&, const row_range&) = default;
};

/// The version of one row, as the index of rows keeps it: that of the point's vectors, and which of
/// the point's rows it is.
constexpr unsigned row_number_bits = 20;

constexpr std::uint64_t version_of_row(std::uint64_t vector_version, std::uint32_t row) noexcept {
  return vector_version << row_number_bits | row;
}

constexpr std::uint64_t vector_version_of_row(std::uint64_t row_version) noexcept {
  return row_version >> row_number_bits;
}

constexpr std::uint32_t number_of_row(std::uint64_t row_version) noexcept {
  return static_cast<std::uint32_t>(row_version & ((std::uint64_t{1} << row_number_bits) - 1));
}

/// Where the rows of all points are. A copy is a snapshot that does not see later changes.
class row_places {
public:
  row_range of(slot point) const noexcept {
    return point.value < ranges_.size() ? ranges_[point.value] : row_range{};
  }

  /// Whose row this is. Needs a row that somebody has.
  slot owner(slot row) const noexcept { return owners_[row.value]; }

  /// Points that have rows.
  std::size_t points() const noexcept { return points_; }

  /// Points have slots below this one.
  std::size_t slots() const noexcept { return ranges_.size(); }

  /// All places, free ones included.
  std::size_t capacity() const noexcept { return owners_.size(); }

  std::uint64_t bytes() const noexcept {
    return ranges_.size() * sizeof(row_range) + owners_.size() * sizeof(slot);
  }

private:
  friend class multi_rows;

  cow_array<row_range> ranges_; // By the point's slot.
  cow_array<slot> owners_;      // By row.
  std::size_t points_ = 0;
};

/// Gives the rows of multivectors places in an index of single vectors. Not thread-safe.
class multi_rows {
public:
  /// Room for `count` rows of the point, at least 1, instead of those it has.
  row_range place(slot point, std::uint32_t count);

  /// Fine if the point has none; what it had.
  row_range remove(slot point);

  const row_places& now() const noexcept { return now_; }

private:
  row_places now_;
  std::multimap<std::uint32_t, std::uint32_t> free_; // Length and first row of what is free.
};

} // namespace grape::index
