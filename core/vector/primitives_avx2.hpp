#pragma once

// The innermost loops with AVX2 and FMA. Included only by the *_avx2.cpp files, which alone are
// compiled for that instruction set. Everything has internal linkage: code compiled for one
// instruction set must never be picked by the linker for another.

#include <cstddef>
#include <cstdint>

#include <immintrin.h>

namespace grape {
namespace {

inline float sum_of_lanes(__m256 v) noexcept {
  const auto half = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  const auto pair = _mm_add_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_add_ss(pair, _mm_movehdup_ps(pair)));
}

inline std::int32_t sum_of_lanes(__m256i v) noexcept {
  const auto half = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  const auto pair = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(pair, _mm_shuffle_epi32(pair, 0xb1)));
}

/// The first `count` (below 8) floats from `from`, zeros behind them.
inline __m256 load_some(const float* from, std::size_t count) noexcept {
  alignas(32) static constexpr std::int32_t masks[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  const auto* mask = reinterpret_cast<const __m256i*>(masks + 8 - count);
  return _mm256_maskload_ps(from, _mm256_loadu_si256(mask));
}

/// Adds up accumulate(sum, a's eight floats, b's eight floats) over all of them, with four
/// independent sums so that the additions need not wait for each other.
template <class Accumulate>
inline float sum_of(const float* a, const float* b, std::size_t count,
                    Accumulate accumulate) noexcept {
  __m256 sum[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(),
                   _mm256_setzero_ps()};
  std::size_t i = 0;
  for (; i + 32 <= count; i += 32)
    for (std::size_t j = 0; j < 4; ++j)
      sum[j] = accumulate(sum[j], _mm256_loadu_ps(a + i + 8 * j), _mm256_loadu_ps(b + i + 8 * j));
  for (; i + 8 <= count; i += 8)
    sum[0] = accumulate(sum[0], _mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i));
  if (i < count)
    sum[1] = accumulate(sum[1], load_some(a + i, count - i), load_some(b + i, count - i));
  return sum_of_lanes(_mm256_add_ps(_mm256_add_ps(sum[0], sum[1]), _mm256_add_ps(sum[2], sum[3])));
}

inline float dot_product(const float* a, const float* b, std::size_t count) noexcept {
  return sum_of(a, b, count, [](__m256 sum, __m256 x, __m256 y) {
    return _mm256_fmadd_ps(x, y, sum);
  });
}

inline float squared_difference(const float* a, const float* b, std::size_t count) noexcept {
  return sum_of(a, b, count, [](__m256 sum, __m256 x, __m256 y) {
    const auto difference = _mm256_sub_ps(x, y);
    return _mm256_fmadd_ps(difference, difference, sum);
  });
}

inline float absolute_difference(const float* a, const float* b, std::size_t count) noexcept {
  return sum_of(a, b, count, [](__m256 sum, __m256 x, __m256 y) {
    const auto sign = _mm256_set1_ps(-0.0f);
    return _mm256_add_ps(sum, _mm256_andnot_ps(sign, _mm256_sub_ps(x, y)));
  });
}

// Codes are unsigned bytes, 128 standing for zero; `bytes` is a multiple of 32 (quantizer_int8).

inline __m256i load_bytes(const void* from) noexcept {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

/// Products of 32 codes and 32 query components, summed in fours. A pair reaches at most
/// 2 * 255 * 63 = 32,130, so the 16-bit step cannot saturate.
inline __m256i code_times_query(__m256i code, __m256i query) noexcept {
  return _mm256_madd_epi16(_mm256_maddubs_epi16(code, query), _mm256_set1_epi16(1));
}

/// Sum of code * query; query components lie in -63..63.
inline std::int32_t code_dot_query(const std::uint8_t* code, const std::int8_t* query,
                                   std::size_t bytes) noexcept {
  auto sum = _mm256_setzero_si256();
  for (std::size_t i = 0; i < bytes; i += 32)
    sum = _mm256_add_epi32(sum, code_times_query(load_bytes(code + i), load_bytes(query + i)));
  return sum_of_lanes(sum);
}

/// The sums of four vectors' lanes.
inline void store_sums(const __m256i (&v)[4], std::int32_t (&sums)[4]) noexcept {
  const auto all = _mm256_hadd_epi32(_mm256_hadd_epi32(v[0], v[1]),
                                     _mm256_hadd_epi32(v[2], v[3]));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(sums),
                   _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1)));
}

/// code_dot_query of four codes at once: one load of the query, one shared horizontal sum.
inline void code_dot_query4(const std::uint8_t* const (&codes)[4], const std::int8_t* query,
                            std::size_t bytes, std::int32_t (&sums)[4]) noexcept {
  __m256i sum[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(),
                    _mm256_setzero_si256()};
  for (std::size_t i = 0; i < bytes; i += 32) {
    const auto part = load_bytes(query + i);
    for (std::size_t j = 0; j < 4; ++j)
      sum[j] = _mm256_add_epi32(sum[j], code_times_query(load_bytes(codes[j] + i), part));
  }
  store_sums(sum, sums);
}

inline std::int32_t code_dot_code(const std::uint8_t* a, const std::uint8_t* b,
                                  std::size_t bytes) noexcept {
  const auto zero_point = _mm_set1_epi8(static_cast<char>(0x80));
  auto sum = _mm256_setzero_si256();
  for (std::size_t i = 0; i < bytes; i += 16) {
    const auto x = _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a + i)),
                                 zero_point);
    const auto y = _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(b + i)),
                                 zero_point);
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_cvtepi8_epi16(x),
                                                  _mm256_cvtepi8_epi16(y)));
  }
  return sum_of_lanes(sum);
}

inline std::int32_t code_squared_difference(const std::uint8_t* a, const std::uint8_t* b,
                                            std::size_t bytes) noexcept {
  const auto zero = _mm256_setzero_si256();
  auto low_sum = zero;
  auto high_sum = zero;
  for (std::size_t i = 0; i < bytes; i += 32) {
    const auto x = load_bytes(a + i);
    const auto y = load_bytes(b + i);
    const auto difference = _mm256_or_si256(_mm256_subs_epu8(x, y), _mm256_subs_epu8(y, x));
    const auto low = _mm256_unpacklo_epi8(difference, zero);
    const auto high = _mm256_unpackhi_epi8(difference, zero);
    low_sum = _mm256_add_epi32(low_sum, _mm256_madd_epi16(low, low));
    high_sum = _mm256_add_epi32(high_sum, _mm256_madd_epi16(high, high));
  }
  return sum_of_lanes(_mm256_add_epi32(low_sum, high_sum));
}

inline std::int32_t code_absolute_difference(const std::uint8_t* a, const std::uint8_t* b,
                                             std::size_t bytes) noexcept {
  auto sum = _mm256_setzero_si256();
  for (std::size_t i = 0; i < bytes; i += 32)
    sum = _mm256_add_epi64(sum, _mm256_sad_epu8(load_bytes(a + i), load_bytes(b + i)));
  return sum_of_lanes(sum);
}

inline void prefetch(const void* address) noexcept {
  _mm_prefetch(static_cast<const char*>(address), _MM_HINT_T0);
}

} // namespace
} // namespace grape
