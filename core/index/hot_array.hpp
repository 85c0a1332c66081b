#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>

namespace grape::index {

/// Zeroed memory aligned to a cache line; larger pieces are aligned to, and asked to lie in, huge
/// pages: walks jump around in them, and small pages would miss the TLB on nearly every jump.
/// Throws std::bad_alloc. Free with release_hot_memory.
void* acquire_hot_memory(std::size_t bytes);
void release_hot_memory(void* memory, std::size_t bytes) noexcept;

/// A fixed number of plain values in hot memory. Moves, never copies.
template <class T>
class hot_array {
  static_assert(std::is_trivially_copyable_v<T>);

public:
  hot_array() = default;

  /// `count` zeros, with zeros behind them up to a whole cache line. Throws std::bad_alloc.
  explicit hot_array(std::size_t count)
    : memory_(static_cast<T*>(acquire_hot_memory(padded(count))), releaser{padded(count)})
    , count_(count) {
  }

  T* data() noexcept { return memory_.get(); }
  const T* data() const noexcept { return memory_.get(); }
  std::size_t size() const noexcept { return count_; }
  T& operator[](std::size_t i) noexcept { return memory_.get()[i]; }
  const T& operator[](std::size_t i) const noexcept { return memory_.get()[i]; }

  /// Bytes including the zeros behind; a multiple of 64.
  std::size_t bytes() const noexcept { return padded(count_); }

private:
  struct releaser {
    std::size_t bytes = 0;
    void operator()(T* memory) const noexcept { release_hot_memory(memory, bytes); }
  };

  static std::size_t padded(std::size_t count) {
    constexpr std::size_t line = 64;
    if (count > (static_cast<std::size_t>(-1) - line) / sizeof(T))
      throw std::bad_alloc{};
    return (count * sizeof(T) + line - 1) / line * line;
  }

  std::unique_ptr<T, releaser> memory_;
  std::size_t count_ = 0;
};

} // namespace grape::index
