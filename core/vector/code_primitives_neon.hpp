#pragma once

// The loops of code_primitives_portable.hpp with NEON.

#include "core/vector/primitives_neon.hpp"

#include <cstring>

namespace grape {
namespace {

inline std::int32_t nibbles_dot_query(const std::uint8_t* code, const std::int8_t* query,
                                      std::size_t bytes) noexcept {
  auto low = vdupq_n_s32(0);
  auto high = vdupq_n_s32(0);
  for (std::size_t i = 0; i < bytes; i += 16) {
    const auto both = vld1q_u8(code + i);
    low = vdotq_s32(low, vreinterpretq_s8_u8(vandq_u8(both, vdupq_n_u8(15))), vld1q_s8(query + i));
    high = vdotq_s32(high, vreinterpretq_s8_u8(vshrq_n_u8(both, 4)), vld1q_s8(query + bytes + i));
  }
  return vaddvq_s32(vaddq_s32(low, high));
}

inline void nibbles_dot_query4(const std::uint8_t* const (&codes)[4], const std::int8_t* query,
                               std::size_t bytes, std::int32_t (&sums)[4]) noexcept {
  for (std::size_t i = 0; i < 4; ++i)
    sums[i] = nibbles_dot_query(codes[i], query, bytes);
}

/// One word, as bytes.
inline uint8x8_t word_at(const void* words, std::size_t i) noexcept {
  return vld1_u8(static_cast<const std::uint8_t*>(words) + i * sizeof(std::uint64_t));
}

inline std::int32_t bits_different(const void* a, const void* b, std::size_t words) noexcept {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < words; ++i)
    sum += vaddv_u8(vcnt_u8(veor_u8(word_at(a, i), word_at(b, i))));
  return sum;
}

inline void bits_different4(const void* from, const char* codes, std::size_t stride,
                            std::size_t words, std::int32_t* out) noexcept {
  for (std::size_t i = 0; i < 4; ++i)
    out[i] = bits_different(from, codes + i * stride, words);
}

inline std::int32_t bits_dot_planes(const void* code, const void* planes,
                                    std::size_t words) noexcept {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < words; ++i) {
    const auto set = word_at(code, i);
    const auto count = [&](std::size_t plane) {
      return vcnt_u8(vand_u8(set, word_at(planes, plane * words + i)));
    };
    // A byte of the weighted sum reaches 8 + 2 * 8 + 4 * 8.
    const auto twice = vadd_u8(count(1), vadd_u8(count(2), count(2)));
    const auto weighted = vadd_u8(count(0), vadd_u8(twice, twice));
    sum += static_cast<std::int32_t>(vaddlv_u8(weighted)) - 8 * vaddv_u8(count(3));
  }
  return sum;
}

/// Four bfloat16, the upper halves of floats.
inline float32x4_t widened(const std::uint16_t* halves) noexcept {
  return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(halves), 16));
}

/// As sum_of for floats; the rest is copied, for it must not be read past.
template <class Accumulate>
inline float sum_over_halves(const std::uint16_t* code, const float* query, std::size_t count,
                             Accumulate accumulate) noexcept {
  auto sum = vdupq_n_f32(0);
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4)
    sum = accumulate(sum, widened(code + i), vld1q_f32(query + i));
  if (i < count) {
    std::uint16_t halves[4] = {};
    float floats[4] = {};
    std::memcpy(halves, code + i, (count - i) * sizeof *halves);
    std::memcpy(floats, query + i, (count - i) * sizeof *floats);
    sum = accumulate(sum, widened(halves), vld1q_f32(floats));
  }
  return vaddvq_f32(sum);
}

inline float halves_dot_query(const std::uint16_t* code, const float* query,
                              std::size_t count) noexcept {
  return sum_over_halves(code, query, count, [](float32x4_t sum, float32x4_t x, float32x4_t y) {
    return vfmaq_f32(sum, x, y);
  });
}

inline float halves_squared_difference(const std::uint16_t* code, const float* query,
                                       std::size_t count) noexcept {
  return sum_over_halves(code, query, count, [](float32x4_t sum, float32x4_t x, float32x4_t y) {
    const auto difference = vsubq_f32(x, y);
    return vfmaq_f32(sum, difference, difference);
  });
}

inline float halves_absolute_difference(const std::uint16_t* code, const float* query,
                                        std::size_t count) noexcept {
  return sum_over_halves(code, query, count, [](float32x4_t sum, float32x4_t x, float32x4_t y) {
    return vaddq_f32(sum, vabdq_f32(x, y));
  });
}

inline float sum_of_tables(const std::uint8_t* code, const float* tables,
                           std::size_t count) noexcept {
  float sum[2] = {};
  for (std::size_t i = 0; i < count; ++i)
    sum[i % 2] += tables[i * 256 + code[i]];
  return sum[0] + sum[1];
}

} // namespace
} // namespace grape
