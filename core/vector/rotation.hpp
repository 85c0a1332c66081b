#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace grape {

/// A fixed pseudo-random rotation of a space, in time n log n: rounds of random signs and fast
/// Walsh-Hadamard transforms over the longest power of two, at the front and at the back in turn.
/// It spreads what lies in few components over all of them. Lengths and angles stay. The same
/// dimension always gives the same rotation, on every machine. Immutable; thread-safe.
class rotation {
public:
  /// Needs dimension >= 1.
  explicit rotation(std::size_t dimension);

  /// The dimension rounded up to a multiple of 64: rotated vectors have so many components.
  std::size_t size() const noexcept { return size_; }

  /// Reads `dimension` floats, writes size(). Both may be the same.
  void apply(const float* from, float* to) const noexcept;

private:
  static constexpr std::size_t rounds = 4;

  std::size_t dimension_;
  std::size_t size_;
  std::size_t power_;                  ///< The longest power of two that fits.
  std::vector<std::uint64_t> flipped_; ///< By round and component: whether the sign is changed.
};

} // namespace grape
