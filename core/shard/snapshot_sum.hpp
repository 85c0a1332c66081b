#pragma once

#include "core/outcome.hpp"
#include "core/storage/point_store.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

/// Sums over the content of a store, whatever the order of its points: two stores with the same
/// points, byte for byte, have the same sum; others do not, but for one in about 2^32.
namespace grape::shard {

/// How many points, and the sum of their checksums. A value type.
struct content_sum {
  std::uint64_t points = 0;
  std::uint64_t sum = 0;

  void add(const storage::stored_point& one) noexcept;
  void remove(const storage::stored_point& one) noexcept;

  friend bool operator==(const content_sum&, const content_sum&) = default;
};

/// Adds up a store piece by piece, so that the thread can do other things between.
class summing {
public:
  explicit summing(storage::point_reader over);

  /// Reads about so many bytes, at least one point. True: everything is added up. Errors: those of
  /// the reader.
  outcome<bool> step(std::size_t bytes);

  const content_sum& so_far() const noexcept { return total_; }

private:
  storage::point_reader over_;
  std::optional<point_id> last_;
  bool finished_ = false;
  content_sum total_;
};

/// Adds up what a store becomes by a difference, as `snapshot_receiver` keeps one.
class summing_difference {
public:
  summing_difference(storage::point_reader base, storage::point_reader difference);

  /// As `summing::step`.
  outcome<bool> step(std::size_t bytes);

  /// Once `step` was true.
  const content_sum& total() const noexcept { return total_; }

private:
  outcome<bool> exchange_points(std::size_t bytes);
  outcome<bool> take_erased(std::size_t bytes);

  storage::point_reader base_;
  storage::point_reader difference_;
  summing base_sum_;
  content_sum total_;
  std::optional<point_id> last_point_;
  std::optional<storage::change_place> last_erased_;
  enum class part : std::uint8_t { base, points, erased, done } at_ = part::base;
};

/// Under which name a difference notes the last end of a point: its log index, packed.
std::string erased_note(const point_id& id);

} // namespace grape::shard
