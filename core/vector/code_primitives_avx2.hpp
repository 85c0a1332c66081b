#pragma once

// The loops of code_primitives_portable.hpp with AVX2. Included after primitives_avx2.hpp.

#include "core/vector/primitives_avx2.hpp"

#include <cstring>

namespace grape {
namespace {

/// Products of 64 nibbles and query components, summed in fours. A pair reaches 2 * 15 * 127.
inline __m256i nibbles_times_query(__m256i code, __m256i low_query, __m256i high_query) noexcept {
  const auto mask = _mm256_set1_epi8(15);
  const auto low = _mm256_maddubs_epi16(_mm256_and_si256(code, mask), low_query);
  const auto high =
      _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16(code, 4), mask), high_query);
  return _mm256_madd_epi16(_mm256_add_epi16(low, high), _mm256_set1_epi16(1));
}

inline std::int32_t nibbles_dot_query(const std::uint8_t* code, const std::int8_t* query,
                                      std::size_t bytes) noexcept {
  auto sum = _mm256_setzero_si256();
  for (std::size_t i = 0; i < bytes; i += 32)
    sum = _mm256_add_epi32(sum, nibbles_times_query(load_bytes(code + i), load_bytes(query + i),
                                                    load_bytes(query + bytes + i)));
  return sum_of_lanes(sum);
}

inline void nibbles_dot_query4(const std::uint8_t* const (&codes)[4], const std::int8_t* query,
                               std::size_t bytes, std::int32_t (&sums)[4]) noexcept {
  __m256i sum[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(),
                    _mm256_setzero_si256()};
  for (std::size_t i = 0; i < bytes; i += 32) {
    const auto low = load_bytes(query + i);
    const auto high = load_bytes(query + bytes + i);
    for (std::size_t j = 0; j < 4; ++j)
      sum[j] = _mm256_add_epi32(sum[j], nibbles_times_query(load_bytes(codes[j] + i), low, high));
  }
  store_sums(sum, sums);
}

/// Up to four words; zeros behind them.
inline __m256i load_words(const void* from, std::size_t at, std::size_t end) noexcept {
  const auto* words = static_cast<const long long*>(from) + at;
  if (end - at >= 4)
    return load_bytes(words);
  const auto left = _mm256_set1_epi64x(static_cast<long long>(end - at));
  return _mm256_maskload_epi64(words, _mm256_cmpgt_epi64(left, _mm256_setr_epi64x(0, 1, 2, 3)));
}

/// Byte by byte, how many bits are set.
inline __m256i bits_set(__m256i v) noexcept {
  const auto counts = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2,
                                       1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const auto mask = _mm256_set1_epi8(15);
  const auto low = _mm256_shuffle_epi8(counts, _mm256_and_si256(v, mask));
  const auto high = _mm256_shuffle_epi8(counts, _mm256_and_si256(_mm256_srli_epi16(v, 4), mask));
  return _mm256_add_epi8(low, high);
}

/// The sum of all bytes, in 64-bit lanes.
inline __m256i sum_of_bytes(__m256i v) noexcept {
  return _mm256_sad_epu8(v, _mm256_setzero_si256());
}

inline std::int32_t bits_different(const void* a, const void* b, std::size_t words) noexcept {
  auto sum = _mm256_setzero_si256();
  for (std::size_t i = 0; i < words; i += 4) {
    const auto different = _mm256_xor_si256(load_words(a, i, words), load_words(b, i, words));
    sum = _mm256_add_epi64(sum, sum_of_bytes(bits_set(different)));
  }
  return sum_of_lanes(sum);
}

/// bits_different of four codes that lie `stride` bytes from each other.
inline void bits_different4(const void* from, const char* codes, std::size_t stride,
                            std::size_t words, std::int32_t* out) noexcept {
  __m256i sum[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(),
                    _mm256_setzero_si256()};
  for (std::size_t i = 0; i < words; i += 4) {
    const auto bits = load_words(from, i, words);
    for (std::size_t j = 0; j < 4; ++j) {
      const auto different = _mm256_xor_si256(bits, load_words(codes + j * stride, i, words));
      sum[j] = _mm256_add_epi64(sum[j], sum_of_bytes(bits_set(different)));
    }
  }
  std::int32_t sums[4];
  store_sums(sum, sums);
  std::memcpy(out, sums, sizeof sums);
}

inline std::int32_t bits_dot_planes(const void* code, const void* planes,
                                    std::size_t words) noexcept {
  auto sum = _mm256_setzero_si256();
  for (std::size_t i = 0; i < words; i += 4) {
    const auto set = load_words(code, i, words);
    __m256i counts[4];
    for (std::size_t plane = 0; plane < 4; ++plane)
      counts[plane] = bits_set(
          _mm256_and_si256(set, load_words(planes, plane * words + i, (plane + 1) * words)));
    // A byte of the weighted sum reaches 8 + 2 * 8 + 4 * 8.
    const auto twice = _mm256_add_epi8(counts[1], _mm256_add_epi8(counts[2], counts[2]));
    const auto weighted = _mm256_add_epi8(counts[0], _mm256_add_epi8(twice, twice));
    const auto negative = _mm256_slli_epi64(sum_of_bytes(counts[3]), 3);
    sum = _mm256_add_epi64(sum, _mm256_sub_epi64(sum_of_bytes(weighted), negative));
  }
  sum = _mm256_blend_epi32(sum, _mm256_setzero_si256(), 0xaa); // No upper halves: signs.
  return sum_of_lanes(sum);
}

/// Eight bfloat16, the upper halves of floats.
inline __m256 widened(const std::uint16_t* halves) noexcept {
  const auto narrow = _mm_loadu_si128(reinterpret_cast<const __m128i*>(halves));
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(narrow), 16));
}

/// As sum_of for floats; the rest is copied, for it must not be read past.
template <class Accumulate>
inline float sum_over_halves(const std::uint16_t* code, const float* query, std::size_t count,
                             Accumulate accumulate) noexcept {
  auto even = _mm256_setzero_ps();
  auto odd = _mm256_setzero_ps();
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    even = accumulate(even, widened(code + i), _mm256_loadu_ps(query + i));
    odd = accumulate(odd, widened(code + i + 8), _mm256_loadu_ps(query + i + 8));
  }
  if (i + 8 <= count) {
    even = accumulate(even, widened(code + i), _mm256_loadu_ps(query + i));
    i += 8;
  }
  if (i < count) {
    std::uint16_t rest[8] = {};
    std::memcpy(rest, code + i, (count - i) * sizeof *rest);
    odd = accumulate(odd, widened(rest), load_some(query + i, count - i));
  }
  return sum_of_lanes(_mm256_add_ps(even, odd));
}

inline float halves_dot_query(const std::uint16_t* code, const float* query,
                              std::size_t count) noexcept {
  return sum_over_halves(code, query, count,
                         [](__m256 sum, __m256 x, __m256 y) { return _mm256_fmadd_ps(x, y, sum); });
}

inline float halves_squared_difference(const std::uint16_t* code, const float* query,
                                       std::size_t count) noexcept {
  return sum_over_halves(code, query, count, [](__m256 sum, __m256 x, __m256 y) {
    const auto difference = _mm256_sub_ps(x, y);
    return _mm256_fmadd_ps(difference, difference, sum);
  });
}

inline float halves_absolute_difference(const std::uint16_t* code, const float* query,
                                        std::size_t count) noexcept {
  return sum_over_halves(code, query, count, [](__m256 sum, __m256 x, __m256 y) {
    return _mm256_add_ps(sum, _mm256_andnot_ps(_mm256_set1_ps(-0.0f), _mm256_sub_ps(x, y)));
  });
}

inline float sum_of_tables(const std::uint8_t* code, const float* tables,
                           std::size_t count) noexcept {
  // Loads of single floats: gathering them is no faster.
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
