#pragma once

// Rows of float16 and uint8 against floats. Plain loops over blocks of lanes, which the compiler
// turns into the registers of the instruction set that the including file is compiled for.
// Everything has internal linkage: code compiled for one instruction set must never be picked by
// the linker for another.

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace grape {
namespace {

constexpr std::size_t narrow_lanes = 16;

/// Exact for all finite values: a multiplication by 2^112 rebases the exponent, of subnormals too.
inline float widened_float16(std::uint16_t half) noexcept {
  const auto magnitude = static_cast<std::uint32_t>(half & 0x7fff) << 13;
  const auto sign = static_cast<std::uint32_t>(half & 0x8000) << 16;
  float rebased;
  std::memcpy(&rebased, &magnitude, sizeof rebased);
  rebased *= 0x1p112f;
  std::uint32_t bits;
  std::memcpy(&bits, &rebased, sizeof bits);
  bits |= sign;
  std::memcpy(&rebased, &bits, sizeof rebased);
  return rebased;
}

struct float16_components {
  static constexpr std::size_t bytes = 2;

  static float at(const std::uint8_t* row, std::size_t j) noexcept {
    std::uint16_t half;
    std::memcpy(&half, row + 2 * j, sizeof half);
    return widened_float16(half);
  }
};

struct uint8_components {
  static constexpr std::size_t bytes = 1;

  static float at(const std::uint8_t* row, std::size_t j) noexcept {
    return static_cast<float>(row[j]);
  }
};

inline void widen_float16(const void* row, float* to, std::size_t count) noexcept {
  const auto* from = static_cast<const std::uint8_t*>(row);
  for (std::size_t j = 0; j < count; ++j)
    to[j] = float16_components::at(from, j);
}

inline void widen_uint8(const std::uint8_t* row, float* to, std::size_t count) noexcept {
  for (std::size_t j = 0; j < count; ++j)
    to[j] = static_cast<float>(row[j]);
}

/// The sum of term(component, query's component), in an order of its own.
template <class Components, class Term>
inline float sum_over(const std::uint8_t* row, const float* query, std::size_t count,
                      Term term) noexcept {
  float sums[narrow_lanes] = {};
  std::size_t j = 0;
  for (; j + narrow_lanes <= count; j += narrow_lanes)
    for (std::size_t lane = 0; lane < narrow_lanes; ++lane)
      sums[lane] += term(Components::at(row, j + lane), query[j + lane]);
  float sum = 0;
  for (; j < count; ++j)
    sum += term(Components::at(row, j), query[j]);
  for (std::size_t width = narrow_lanes / 2; width > 0; width /= 2)
    for (std::size_t lane = 0; lane < width; ++lane)
      sums[lane] += sums[lane + width];
  return sum + sums[0];
}

} // namespace
} // namespace grape
