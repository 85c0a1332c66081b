#pragma once

#include "core/ids.hpp"
#include "core/slot_set.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace grape::payload {

/// A set of slots in chunks of 4,096, each a sorted list while it is thin and bits when it is not
/// (after Roaring bitmaps, Chambi et al. 2016). Copies share chunks: one thread writes, others read
/// copies handed to them, and a write copies half a kilobyte at most.
class posting_list {
public:
  /// Adds the slot; nothing happens if it is there.
  void insert(slot where);

  /// Takes the slot out; nothing happens if it is not there.
  void erase(slot where);

  bool empty() const noexcept { return chunks_.empty(); }

  std::size_t count() const noexcept;

  /// Adds all slots below the capacity of `to`.
  void add_to(slot_set& to) const;

  std::size_t bytes() const noexcept;

private:
  static constexpr std::size_t chunk_slots = 4'096;
  static constexpr std::size_t list_max = 128; ///< Beyond, bits are as small and faster.

  struct chunk {
    std::uint32_t number = 0;           ///< It has the slots from number * chunk_slots.
    std::vector<std::uint16_t> offsets; ///< Ascending, while there are no bits.
    std::unique_ptr<std::array<std::uint64_t, chunk_slots / 64>> bits;
    std::size_t members = 0;

    chunk() = default;
    explicit chunk(std::uint32_t n)
      : number(n) {}
    chunk(const chunk& other);
    chunk& operator=(const chunk&) = delete;
  };

  std::size_t place_of(std::uint32_t number) const noexcept;
  chunk& own(std::size_t place);

  std::vector<std::shared_ptr<chunk>> chunks_; ///< Ascending by number; none is empty.
};

} // namespace grape::payload
