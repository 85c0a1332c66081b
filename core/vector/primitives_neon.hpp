#pragma once

// The innermost loops with Arm's NEON and its dot products (Armv8.2-A). Included only by the
// *_neon.cpp files, which alone are compiled for that instruction set. Everything has internal
// linkage: code compiled for one instruction set must never be picked by the linker for another.

#include <cstddef>
#include <cstdint>

#include <arm_neon.h>

namespace grape {
namespace {

/// Adds up accumulate(sum, a's four floats, b's four floats) over all of them, with four
/// independent sums so that the additions need not wait for each other.
template <class Accumulate>
inline float sum_of(const float* a, const float* b, std::size_t count,
                    Accumulate accumulate) noexcept {
  float32x4_t sum[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0)};
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16)
    for (std::size_t j = 0; j < 4; ++j)
      sum[j] = accumulate(sum[j], vld1q_f32(a + i + 4 * j), vld1q_f32(b + i + 4 * j));
  for (; i + 4 <= count; i += 4)
    sum[0] = accumulate(sum[0], vld1q_f32(a + i), vld1q_f32(b + i));
  for (; i < count; ++i) // Lanes of zeros add nothing.
    sum[1] = accumulate(sum[1], vsetq_lane_f32(a[i], vdupq_n_f32(0), 0),
                        vsetq_lane_f32(b[i], vdupq_n_f32(0), 0));
  return vaddvq_f32(vaddq_f32(vaddq_f32(sum[0], sum[1]), vaddq_f32(sum[2], sum[3])));
}

inline float dot_product(const float* a, const float* b, std::size_t count) noexcept {
  return sum_of(a, b, count,
                [](float32x4_t sum, float32x4_t x, float32x4_t y) { return vfmaq_f32(sum, x, y); });
}

inline float squared_difference(const float* a, const float* b, std::size_t count) noexcept {
  return sum_of(a, b, count, [](float32x4_t sum, float32x4_t x, float32x4_t y) {
    const auto difference = vsubq_f32(x, y);
    return vfmaq_f32(sum, difference, difference);
  });
}

inline float absolute_difference(const float* a, const float* b, std::size_t count) noexcept {
  return sum_of(a, b, count, [](float32x4_t sum, float32x4_t x, float32x4_t y) {
    return vaddq_f32(sum, vabdq_f32(x, y));
  });
}

// Codes are unsigned bytes, 128 standing for zero; `bytes` is a multiple of 32 (quantizer_int8).

/// Codes as signed bytes: 128 less.
inline int8x16_t centred(const std::uint8_t* code) noexcept {
  return vreinterpretq_s8_u8(veorq_u8(vld1q_u8(code), vdupq_n_u8(0x80)));
}

/// 128 times the sum of the query's components: what centred codes leave out.
inline std::int32_t left_out(const std::int8_t* query, std::size_t bytes) noexcept {
  auto sum = vdupq_n_s32(0);
  for (std::size_t i = 0; i < bytes; i += 16)
    sum = vdotq_s32(sum, vld1q_s8(query + i), vdupq_n_s8(1));
  return 128 * vaddvq_s32(sum);
}

inline std::int32_t centred_dot(const std::uint8_t* code, const std::int8_t* query,
                                std::size_t bytes) noexcept {
  auto even = vdupq_n_s32(0);
  auto odd = vdupq_n_s32(0);
  for (std::size_t i = 0; i < bytes; i += 32) {
    even = vdotq_s32(even, centred(code + i), vld1q_s8(query + i));
    odd = vdotq_s32(odd, centred(code + i + 16), vld1q_s8(query + i + 16));
  }
  return vaddvq_s32(vaddq_s32(even, odd));
}

/// Sum of code * query; query components lie in -63..63.
inline std::int32_t code_dot_query(const std::uint8_t* code, const std::int8_t* query,
                                   std::size_t bytes) noexcept {
  return centred_dot(code, query, bytes) + left_out(query, bytes);
}

/// code_dot_query of four codes at once.
inline void code_dot_query4(const std::uint8_t* const (&codes)[4], const std::int8_t* query,
                            std::size_t bytes, std::int32_t (&sums)[4]) noexcept {
  const auto rest = left_out(query, bytes);
  for (std::size_t i = 0; i < 4; ++i)
    sums[i] = centred_dot(codes[i], query, bytes) + rest;
}

inline std::int32_t code_dot_code(const std::uint8_t* a, const std::uint8_t* b,
                                  std::size_t bytes) noexcept {
  auto sum = vdupq_n_s32(0);
  for (std::size_t i = 0; i < bytes; i += 16)
    sum = vdotq_s32(sum, centred(a + i), centred(b + i));
  return vaddvq_s32(sum);
}

inline std::int32_t code_squared_difference(const std::uint8_t* a, const std::uint8_t* b,
                                            std::size_t bytes) noexcept {
  auto sum = vdupq_n_u32(0);
  for (std::size_t i = 0; i < bytes; i += 16) {
    const auto difference = vabdq_u8(vld1q_u8(a + i), vld1q_u8(b + i));
    sum = vdotq_u32(sum, difference, difference);
  }
  return static_cast<std::int32_t>(vaddvq_u32(sum));
}

inline std::int32_t code_absolute_difference(const std::uint8_t* a, const std::uint8_t* b,
                                             std::size_t bytes) noexcept {
  auto sum = vdupq_n_u32(0);
  for (std::size_t i = 0; i < bytes; i += 16)
    sum = vdotq_u32(sum, vabdq_u8(vld1q_u8(a + i), vld1q_u8(b + i)), vdupq_n_u8(1));
  return static_cast<std::int32_t>(vaddvq_u32(sum));
}

inline void prefetch(const void* address) noexcept {
  __builtin_prefetch(address);
}

} // namespace
} // namespace grape
