#pragma once

#include "core/cow_array.hpp"
#include "core/payload/geo.hpp"
#include "core/vector/point.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace grape::payload {

/// 1,024 slots of a column. A slot has one value (its bit in `single`), several (a run), or none.
template <class T>
struct column_block {
  static constexpr std::size_t slots = 1024;
  static constexpr std::size_t words = slots / 64;

  using bits = std::array<std::uint64_t, words>;

  /// Where the values of a slot that has several lie in `pool`.
  struct run {
    std::uint16_t offset; ///< Of the slot inside the block; runs ascend by it.
    std::uint32_t begin;
    std::uint32_t count;
  };

  bits single{};
  bits other{};  ///< Some element is neither null nor of the column's type.
  bits null{};   ///< Some element is null.
  bits filled{}; ///< Some value is neither null nor an empty array.
  std::array<T, slots> values{};
  std::vector<run> runs;
  std::vector<T> pool;
  std::size_t pool_dead = 0; ///< Values in `pool` that no run names.
};

/// What a slot holds, about to be written.
template <class T>
struct slot_facts {
  std::vector<T> values;
  bool other = false;
  bool null = false;
  bool filled = false;
};

/// Values of type T by slot, in blocks that snapshots share.
template <class T>
class column_store {
public:
  using block = column_block<T>;

  void set(std::size_t slot, const slot_facts<T>& facts);

  /// What the slot holds, with its values in the order given.
  slot_facts<T> facts(std::size_t slot) const;

  std::size_t blocks() const noexcept { return blocks_.size(); }
  const block& operator[](std::size_t i) const noexcept { return blocks_[i]; }

  /// Slots whose `filled` bit is set.
  std::size_t filled() const noexcept { return filled_; }

  /// Values held in all slots.
  std::size_t values() const noexcept { return values_; }

  std::size_t bytes() const noexcept;

private:
  cow_array<block, 1> blocks_;
  std::size_t filled_ = 0;
  std::size_t values_ = 0;
};

extern template class column_store<std::uint32_t>;
extern template class column_store<std::int64_t>;
extern template class column_store<double>;
extern template class column_store<std::uint8_t>;
extern template class column_store<uuid>;
extern template class column_store<geo_point>;

} // namespace grape::payload
