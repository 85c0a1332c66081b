#pragma once

#include "core/ids.hpp"

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

namespace grape {

/// A set of slots (or of rows) as one bit each. Slots at or beyond `capacity` are never members.
class slot_set {
public:
  slot_set() = default;

  /// Room for slots 0..capacity-1, none of them a member.
  explicit slot_set(std::size_t capacity) : words_((capacity + 63) / 64), capacity_(capacity) {
  }

  std::size_t capacity() const noexcept { return capacity_; }

  /// Grows the room; members stay.
  void grow(std::size_t capacity) {
    if (capacity <= capacity_)
      return;
    capacity_ = capacity;
    words_.resize((capacity + 63) / 64);
  }

  bool contains(slot s) const noexcept {
    return s.value < capacity_ && (words_[s.value / 64] >> (s.value % 64) & 1) != 0;
  }

  /// Needs s < capacity.
  void insert(slot s) noexcept { words_[s.value / 64] |= std::uint64_t{1} << (s.value % 64); }

  /// Needs s < capacity.
  void erase(slot s) noexcept { words_[s.value / 64] &= ~(std::uint64_t{1} << (s.value % 64)); }

  /// Number of members; counts them.
  std::size_t count() const noexcept {
    std::size_t sum = 0;
    for (const auto word : words_)
      sum += static_cast<std::size_t>(std::popcount(word));
    return sum;
  }

  /// Calls `visit(slot)` for each member, ascending.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t w = 0; w < words_.size(); ++w)
      for (auto word = words_[w]; word != 0; word &= word - 1)
        visit(slot{static_cast<std::uint32_t>(w * 64
                                              + static_cast<std::size_t>(std::countr_zero(word)))});
  }

  /// 64 members a word, lowest slot in the lowest bit; bits beyond `capacity` are zero.
  std::span<const std::uint64_t> words() const noexcept { return words_; }

  /// For whole-word work (and, or, not). Keep the bits beyond `capacity` zero.
  std::span<std::uint64_t> words() noexcept { return words_; }

  friend bool operator==(const slot_set&, const slot_set&) = default;

private:
  std::vector<std::uint64_t> words_;
  std::size_t capacity_ = 0;
};

} // namespace grape
