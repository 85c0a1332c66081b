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

inline __m512i load_words(const void* from, std::size_t at) noexcept {
  return _mm512_loadu_si512(static_cast<const char*>(from) + at * sizeof(std::uint64_t));
}

/// The words in `lanes`; zeros in place of the others.
inline __m512i load_words(__mmask8 lanes, const void* from, std::size_t at) noexcept {
  return _mm512_maskz_loadu_epi64(lanes,
                                  static_cast<const char*>(from) + at * sizeof(std::uint64_t));
}

/// Adds to `sum` in how many bits each word of two codes differs.
inline __m512i add_different(__m512i sum, __m512i a, __m512i b) noexcept {
  return _mm512_add_epi64(sum, _mm512_popcnt_epi64(_mm512_xor_si512(a, b)));
}

inline std::int32_t bits_different(const void* a, const void* b, std::size_t words) noexcept {
  auto sum = _mm512_setzero_si512();
  std::size_t i = 0;
  for (; i + 8 <= words; i += 8)
    sum = add_different(sum, load_words(a, i), load_words(b, i));
  if (i < words) {
    const auto lanes = static_cast<__mmask8>((1u << (words - i)) - 1);
    sum = add_different(sum, load_words(lanes, a, i), load_words(lanes, b, i));
  }
  return sum_of_lanes(half_sum(sum));
}

/// bits_different of four codes that lie `stride` bytes from each other.
inline void bits_different4(const void* from, const char* codes, std::size_t stride,
                            std::size_t words, std::int32_t* out) noexcept {
  __m512i sum[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(),
                    _mm512_setzero_si512()};
  std::size_t i = 0;
  for (; i + 8 <= words; i += 8) {
    const auto bits = load_words(from, i);
    for (std::size_t j = 0; j < 4; ++j)
      sum[j] = add_different(sum[j], bits, load_words(codes + j * stride, i));
  }
  if (i < words) {
    const auto lanes = static_cast<__mmask8>((1u << (words - i)) - 1);
    const auto bits = load_words(lanes, from, i);
    for (std::size_t j = 0; j < 4; ++j)
      sum[j] = add_different(sum[j], bits, load_words(lanes, codes + j * stride, i));
  }
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), sums_of_lanes(sum));
}

/// Adds to each plane's sum how many bits of `set` it has, word by word.
inline void add_planes(__m512i (&sums)[4], __m512i set, const __m512i (&planes)[4]) noexcept {
  for (std::size_t plane = 0; plane < 4; ++plane)
    sums[plane] =
        _mm512_add_epi64(sums[plane], _mm512_popcnt_epi64(_mm512_and_si512(set, planes[plane])));
}

inline std::int32_t bits_dot_planes(const void* code, const void* planes,
                                    std::size_t words) noexcept {
  __m512i sums[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(),
                     _mm512_setzero_si512()};
  std::size_t i = 0;
  for (; i + 8 <= words; i += 8)
    add_planes(sums, load_words(code, i),
               {load_words(planes, i), load_words(planes, words + i),
                load_words(planes, 2 * words + i), load_words(planes, 3 * words + i)});
  if (i < words) {
    const auto lanes = static_cast<__mmask8>((1u << (words - i)) - 1);
    add_planes(sums, load_words(lanes, code, i),
               {load_words(lanes, planes, i), load_words(lanes, planes, words + i),
                load_words(lanes, planes, 2 * words + i),
                load_words(lanes, planes, 3 * words + i)});
  }
  const auto upper = _mm512_sub_epi64(sums[2], _mm512_add_epi64(sums[3], sums[3]));
  const auto middle = _mm512_add_epi64(sums[1], _mm512_add_epi64(upper, upper));
  const auto all = _mm512_add_epi64(sums[0], _mm512_add_epi64(middle, middle));
  return sum_of_lanes(half_sum(_mm512_maskz_mov_epi32(0x5555, all))); // No upper halves: signs.
}

/// Sixteen bfloat16, the upper halves of floats.
inline __m512 widened(__m256i halves) noexcept {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

/// As sum_of for floats.
template <class Accumulate>
inline float sum_over_halves(const std::uint16_t* code, const float* query, std::size_t count,
                             Accumulate accumulate) noexcept {
  auto even = _mm512_setzero_ps();
  auto odd = _mm512_setzero_ps();
  std::size_t i = 0;
  for (; i + 32 <= count; i += 32) {
    even = accumulate(even, widened(load_half(code + i)), _mm512_loadu_ps(query + i));
    odd = accumulate(odd, widened(load_half(code + i + 16)), _mm512_loadu_ps(query + i + 16));
  }
  for (; i < count; i += 16) {
    const auto lanes = static_cast<__mmask16>(count - i >= 16 ? 0xffffu : (1u << (count - i)) - 1);
    even = accumulate(even, widened(_mm256_maskz_loadu_epi16(lanes, code + i)),
                      _mm512_maskz_loadu_ps(lanes, query + i));
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

inline float sum_of_tables(const std::uint8_t* code, const float* tables,
                           std::size_t count) noexcept {
  // Loads of single floats: gathering them took half as long again.
  float sum[4] = {};
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4)
    for (std::size_t j = 0; j < 4; ++j)
      sum[j] += tables[(i + j) * 256 + code[i + j]];
  for (; i < count; ++i)
    sum[0] += tables[i * 256 + code[i]];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

} // namespace
} // namespace grape
