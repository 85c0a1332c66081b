#include "core/vector/rotation.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace grape {

namespace {

constexpr std::uint64_t seed = 0x6772'6170'6500'0001u; // Part of the file format.

std::uint64_t next_random(std::uint64_t& state) noexcept { // splitmix64
  state += 0x9e37'79b9'7f4a'7c15u;
  auto x = state;
  x = (x ^ (x >> 30)) * 0xbf58'476d'1ce4'e5b9u;
  x = (x ^ (x >> 27)) * 0x94d0'49bb'1331'11ebu;
  return x ^ (x >> 31);
}

using four_floats = float __attribute__((vector_size(4 * sizeof(float))));

// The two steps between neighbours, which no compiler turns into registers by itself.
void hadamard_of_four(float* values) noexcept {
  four_floats all;
  std::memcpy(&all, values, sizeof all);
  all = __builtin_shufflevector(all, all, 0, 0, 2, 2)
        + four_floats{1, -1, 1, -1} * __builtin_shufflevector(all, all, 1, 1, 3, 3);
  all = __builtin_shufflevector(all, all, 0, 1, 0, 1)
        + four_floats{1, 1, -1, -1} * __builtin_shufflevector(all, all, 2, 3, 2, 3);
  std::memcpy(values, &all, sizeof all);
}

// `count` is a power of two, 64 at least.
void hadamard(float* values, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; i += 4)
    hadamard_of_four(values + i);
  for (std::size_t half = 4; half < count; half *= 2)
    for (std::size_t first = 0; first < count; first += 2 * half)
      for (std::size_t i = first; i < first + half; ++i) {
        const auto a = values[i];
        const auto b = values[i + half];
        values[i] = a + b;
        values[i + half] = a - b;
      }
  const auto scale = 1 / std::sqrt(static_cast<float>(count));
  for (std::size_t i = 0; i < count; ++i)
    values[i] *= scale;
}

} // namespace

rotation::rotation(std::size_t dimension)
  : dimension_(dimension)
  , size_((dimension + 63) / 64 * 64)
  , power_(std::bit_floor(size_))
  , flipped_(rounds * size_ / 64) {
  GRAPE_CHECK(dimension > 0);
  auto state = seed;
  for (auto& word : flipped_)
    word = next_random(state);
}

void rotation::apply(const float* from, float* to) const noexcept {
  std::copy_n(from, dimension_, to);
  std::fill(to + dimension_, to + size_, 0.0f);
  for (std::size_t round = 0; round < rounds; ++round) {
    const auto* flipped = flipped_.data() + round * size_ / 64;
    for (std::size_t i = 0; i < size_; ++i) {
      std::uint32_t bits;
      std::memcpy(&bits, to + i, sizeof bits);
      bits ^= static_cast<std::uint32_t>(flipped[i / 64] >> (i % 64) & 1) << 31;
      std::memcpy(to + i, &bits, sizeof bits);
    }
    hadamard(round % 2 == 0 ? to : to + size_ - power_, power_);
  }
}

} // namespace grape
