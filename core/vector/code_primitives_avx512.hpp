#pragma once

// The loops of code_primitives_portable.hpp with AVX-512. Included after primitives_avx512.hpp.

#include "core/vector/primitives_avx512.hpp"

namespace grape {
namespace {

/// Adds to `sum` the products of nibbles and query components, in fours.
inline __m512i add_nibbles(__m512i sum, __m512i code, __m512i low_query,
                           __m512i high_query) noexcept {
  const auto mask = _mm512_set1_epi8(15);
  const auto with_low = _mm512_dpbusd_epi32(sum, _mm512_and_si512(code, mask), low_query);
  return _mm512_dpbusd_epi32(with_low, _mm512_and_si512(_mm512_srli_epi16(code, 4), mask),
                             high_query);
}

inline std::int32_t nibbles_dot_query(const std::uint8_t* code, const std::int8_t* query,
                                      std::size_t bytes) noexcept {
  auto sum = _mm512_setzero_si512();
  for (std::size_t i = 0; i < bytes; i += 64)
    sum = add_nibbles(sum, load_bytes(code + i, bytes - i), load_bytes(query + i, bytes - i),
                      load_bytes(query + bytes + i, bytes - i));
  return sum_of_lanes(half_sum(sum));
}

inline void nibbles_dot_query4(const std::uint8_t* const (&codes)[4], const std::int8_t* query,
                               std::size_t bytes, std::int32_t (&sums)[4]) noexcept {
  __m512i sum[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(),
                    _mm512_setzero_si512()};
  for (std::size_t i = 0; i < bytes; i += 64) {
    const auto low = load_bytes(query + i, bytes - i);
    const auto high = load_bytes(query + bytes + i, bytes - i);
    for (std::size_t j = 0; j < 4; ++j)
      sum[j] = add_nibbles(sum[j], load_bytes(codes[j] + i, bytes - i), low, high);
  }
  _mm_storeu_si128(reinterpret_cast<__m128i*>(sums), sums_of_lanes(sum));
}

/// Up to eight words; zeros behind them.
inline __m512i load_words(const void* from, std::size_t at, std::size_t end) noexcept {
  const auto left = end - at;
  const auto lanes = left >= 8 ? 0xffu : (1u << left) - 1;
  return _mm512_maskz_loadu_epi64(static_cast<__mmask8>(lanes),
                                  static_cast<const char*>(from) + at * sizeof(std::uint64_t));
}

inline std::int32_t bits_different(const void* a, const void* b, std::size_t words) noexcept {
  auto sum = _mm512_setzero_si512();
  for (std::size_t i = 0; i < words; i += 8)
    sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(_mm512_xor_si512(load_words(a, i, words),
                                                                     load_words(b, i, words))));
  return sum_of_lanes(half_sum(sum));
}

inline std::int32_t bits_dot_planes(const void* code, const void* planes,
                                    std::size_t words) noexcept {
  __m512i sums[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(),
                     _mm512_setzero_si512()};
  for (std::size_t i = 0; i < words; i += 8) {
    const auto set = load_words(code, i, words);
    for (std::size_t plane = 0; plane < 4; ++plane) {
      const auto bits = load_words(planes, plane * words + i, (plane + 1) * words);
      sums[plane] = _mm512_add_epi64(sums[plane], _mm512_popcnt_epi64(_mm512_and_si512(set, bits)));
    }
  }
  const auto upper = _mm512_sub_epi64(sums[2], _mm512_add_epi64(sums[3], sums[3]));
  const auto middle = _mm512_add_epi64(sums[1], _mm512_add_epi64(upper, upper));
  const auto all = _mm512_add_epi64(sums[0], _mm512_add_epi64(middle, middle));
  return sum_of_lanes(half_sum(_mm512_maskz_mov_epi32(0x5555, all))); // No upper halves: signs.
}

/// Up to sixteen bfloat16, the upper halves of floats; zeros behind them.
inline __m512 widened(const std::uint16_t* halves, std::size_t count) noexcept {
  const auto lanes = count >= 16 ? 0xffffu : (1u << count) - 1;
  const auto narrow = _mm256_maskz_loadu_epi16(static_cast<__mmask16>(lanes), halves);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(narrow), 16));
}

/// As sum_of for floats.
template <class Accumulate>
inline float sum_over_halves(const std::uint16_t* code, const float* query, std::size_t count,
                             Accumulate accumulate) noexcept {
  auto even = _mm512_setzero_ps();
  auto odd = _mm512_setzero_ps();
  for (std::size_t i = 0; i < count; i += 32) {
    even = accumulate(even, widened(code + i, count - i), load_some(query + i, count - i));
    if (i + 16 < count)
      odd = accumulate(odd, widened(code + i + 16, count - i - 16),
                       load_some(query + i + 16, count - i - 16));
  }
  return sum_of_lanes(_mm512_add_ps(even, odd));
}

inline float halves_dot_query(const std::uint16_t* code, const float* query,
                              std::size_t count) noexcept {
  return sum_over_halves(code, query, count,
                         [](__m512 sum, __m512 x, __m512 y) { return _mm512_fmadd_ps(x, y, sum); });
}

inline float halves_squared_difference(const std::uint16_t* code, const float* query,
                                       std::size_t count) noexcept {
  return sum_over_halves(code, query, count, [](__m512 sum, __m512 x, __m512 y) {
    const auto difference = _mm512_sub_ps(x, y);
    return _mm512_fmadd_ps(difference, difference, sum);
  });
}

inline float halves_absolute_difference(const std::uint16_t* code, const float* query,
                                        std::size_t count) noexcept {
  return sum_over_halves(code, query, count, [](__m512 sum, __m512 x, __m512 y) {
    return _mm512_add_ps(sum, _mm512_abs_ps(_mm512_sub_ps(x, y)));
  });
}

/// Sixteen tables at a time.
inline float sum_of_tables(const std::uint8_t* code, const float* tables,
                           std::size_t count) noexcept {
  const auto starts =
      _mm512_slli_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), 8);
  auto sum = _mm512_setzero_ps();
  for (std::size_t i = 0; i < count; i += 16) {
    const auto left = count - i;
    const auto lanes = static_cast<__mmask16>(left >= 16 ? 0xffffu : (1u << left) - 1);
    const auto entries = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(lanes, code + i));
    sum = _mm512_add_ps(sum, _mm512_mask_i32gather_ps(_mm512_setzero_ps(), lanes,
                                                      _mm512_add_epi32(starts, entries),
                                                      tables + i * 256, 4));
  }
  return sum_of_lanes(sum);
}

} // namespace
} // namespace grape
