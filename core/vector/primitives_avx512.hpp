#pragma once

// The innermost loops with AVX-512: F, BW, DQ, VL, VNNI and VPOPCNTDQ. Included only by the
// *_avx512.cpp files, which alone are compiled for that instruction set. Everything has internal
// linkage: code compiled for one instruction set must never be picked by the linker for another.

#include <cstddef>
#include <cstdint>

#include <immintrin.h>

namespace grape {
namespace {

/// The first `count` of sixteen floats from `from`, zeros behind them.
inline __m512 load_some(const float* from, std::size_t count) noexcept {
  const auto lanes = count >= 16 ? 0xffffu : (1u << count) - 1;
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>(lanes), from);
}

inline float sum_of_lanes(__m512 v) noexcept {
  const auto half = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
  const auto four = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
  const auto pair = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(pair, _mm_movehdup_ps(pair)));
}

inline std::int32_t sum_of_lanes(__m256i v) noexcept {
  const auto half = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  const auto pair = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(pair, _mm_shuffle_epi32(pair, 0xb1)));
}

inline __m256i half_sum(__m512i v) noexcept {
  return _mm256_add_epi32(_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64(v, 1));
}

/// Adds up accumulate(sum, a's sixteen floats, b's sixteen floats) over all of them, with four
/// independent sums so that the additions need not wait for each other.
template <class Accumulate>
inline float sum_of(const float* a, const float* b, std::size_t count,
                    Accumulate accumulate) noexcept {
  __m512 sum[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(),
                   _mm512_setzero_ps()};
  std::size_t i = 0;
  for (; i + 64 <= count; i += 64)
    for (std::size_t j = 0; j < 4; ++j)
      sum[j] = accumulate(sum[j], _mm512_loadu_ps(a + i + 16 * j), _mm512_loadu_ps(b + i + 16 * j));
  for (; i + 16 <= count; i += 16)
    sum[0] = accumulate(sum[0], _mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i));
  if (i < count)
    sum[1] = accumulate(sum[1], load_some(a + i, count - i), load_some(b + i, count - i));
  return sum_of_lanes(_mm512_add_ps(_mm512_add_ps(sum[0], sum[1]), _mm512_add_ps(sum[2], sum[3])));
}

inline float dot_product(const float* a, const float* b, std::size_t count) noexcept {
  return sum_of(a, b, count,
                [](__m512 sum, __m512 x, __m512 y) { return _mm512_fmadd_ps(x, y, sum); });
}

inline float squared_difference(const float* a, const float* b, std::size_t count) noexcept {
  return sum_of(a, b, count, [](__m512 sum, __m512 x, __m512 y) {
    const auto difference = _mm512_sub_ps(x, y);
    return _mm512_fmadd_ps(difference, difference, sum);
  });
}

inline float absolute_difference(const float* a, const float* b, std::size_t count) noexcept {
  return sum_of(a, b, count, [](__m512 sum, __m512 x, __m512 y) {
    return _mm512_add_ps(sum, _mm512_abs_ps(_mm512_sub_ps(x, y)));
  });
}

// Codes are unsigned bytes, 128 standing for zero; `bytes` is a multiple of 32 (quantizer_int8).

inline __m256i load_half(const void* from) noexcept {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

/// 64 bytes, or the last 32 with zeros behind them.
inline __m512i load_bytes(const void* from, std::size_t left) noexcept {
  return left >= 64 ? _mm512_loadu_si512(from) : _mm512_zextsi256_si512(load_half(from));
}

/// Sums of code * query in fours; query components lie in -63..63.
inline __m512i dot_lanes(const std::uint8_t* code, const std::int8_t* query,
                         std::size_t bytes) noexcept {
  auto sum = _mm512_setzero_si512();
  std::size_t i = 0;
  for (; i + 64 <= bytes; i += 64)
    sum = _mm512_dpbusd_epi32(sum, _mm512_loadu_si512(code + i), _mm512_loadu_si512(query + i));
  if (i < bytes)
    sum = _mm512_dpbusd_epi32(sum, load_bytes(code + i, 32), load_bytes(query + i, 32));
  return sum;
}

/// Sum of code * query; query components lie in -63..63.
inline std::int32_t code_dot_query(const std::uint8_t* code, const std::int8_t* query,
                                   std::size_t bytes) noexcept {
  return sum_of_lanes(half_sum(dot_lanes(code, query, bytes)));
}

/// The sums of four vectors' lanes.
inline __m128i sums_of_lanes(const __m512i (&v)[4]) noexcept {
  const auto pairs = _mm256_hadd_epi32(half_sum(v[0]), half_sum(v[1]));
  const auto others = _mm256_hadd_epi32(half_sum(v[2]), half_sum(v[3]));
  const auto all = _mm256_hadd_epi32(pairs, others);
  return _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
}

/// code_dot_query of four codes at once: one load of the query, one shared horizontal sum.
inline void code_dot_query4(const std::uint8_t* const (&codes)[4], const std::int8_t* query,
                            std::size_t bytes, std::int32_t (&sums)[4]) noexcept {
  __m512i sum[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(),
                    _mm512_setzero_si512()};
  for (std::size_t i = 0; i < bytes; i += 64) {
    const auto part = load_bytes(query + i, bytes - i);
    for (std::size_t j = 0; j < 4; ++j)
      sum[j] = _mm512_dpbusd_epi32(sum[j], load_bytes(codes[j] + i, bytes - i), part);
  }
  _mm_storeu_si128(reinterpret_cast<__m128i*>(sums), sums_of_lanes(sum));
}

inline std::int32_t code_dot_code(const std::uint8_t* a, const std::uint8_t* b,
                                  std::size_t bytes) noexcept {
  const auto zero_point = _mm256_set1_epi8(static_cast<char>(0x80));
  auto sum = _mm512_setzero_si512();
  for (std::size_t i = 0; i < bytes; i += 32) {
    const auto x = _mm512_cvtepi8_epi16(_mm256_xor_si256(load_half(a + i), zero_point));
    const auto y = _mm512_cvtepi8_epi16(_mm256_xor_si256(load_half(b + i), zero_point));
    sum = _mm512_dpwssd_epi32(sum, x, y);
  }
  return sum_of_lanes(half_sum(sum));
}

inline std::int32_t code_squared_difference(const std::uint8_t* a, const std::uint8_t* b,
                                            std::size_t bytes) noexcept {
  auto sum = _mm512_setzero_si512();
  for (std::size_t i = 0; i < bytes; i += 32) {
    const auto difference = _mm512_sub_epi16(_mm512_cvtepu8_epi16(load_half(a + i)),
                                             _mm512_cvtepu8_epi16(load_half(b + i)));
    sum = _mm512_dpwssd_epi32(sum, difference, difference);
  }
  return sum_of_lanes(half_sum(sum));
}

inline std::int32_t code_absolute_difference(const std::uint8_t* a, const std::uint8_t* b,
                                             std::size_t bytes) noexcept {
  auto sum = _mm512_setzero_si512();
  for (std::size_t i = 0; i < bytes; i += 64)
    sum = _mm512_add_epi64(
        sum, _mm512_sad_epu8(load_bytes(a + i, bytes - i), load_bytes(b + i, bytes - i)));
  return sum_of_lanes(half_sum(sum));
}

inline void prefetch(const void* address) noexcept {
  _mm_prefetch(static_cast<const char*>(address), _MM_HINT_T0);
}

} // namespace
} // namespace grape
