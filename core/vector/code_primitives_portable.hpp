#pragma once

// The innermost loops over smaller codes than a byte per component, and over half floats, in plain
// C++. The contracts are the same in every code_primitives_<set>.hpp.

#include "core/vector/primitives_portable.hpp"

#include <cstring>

namespace grape {
namespace {

/// Sum of nibble * query. `bytes` is a multiple of 32; the low nibbles belong to the first `bytes`
/// components of the query, the high ones to the `bytes` after them; those lie in -127..127.
inline std::int32_t nibbles_dot_query(const std::uint8_t* code, const std::int8_t* query,
                                      std::size_t bytes) noexcept {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    sum += (code[i] & 15) * query[i] + (code[i] >> 4) * query[bytes + i];
  return sum;
}

/// nibbles_dot_query of four codes at once.
inline void nibbles_dot_query4(const std::uint8_t* const (&codes)[4], const std::int8_t* query,
                               std::size_t bytes, std::int32_t (&sums)[4]) noexcept {
  for (std::size_t i = 0; i < 4; ++i)
    sums[i] = nibbles_dot_query(codes[i], query, bytes);
}

/// The i-th of words that may lie anywhere.
inline std::uint64_t word_at(const void* words, std::size_t i) noexcept {
  std::uint64_t word;
  std::memcpy(&word, static_cast<const char*>(words) + i * sizeof word, sizeof word);
  return word;
}

/// How many of the 64 bits are set. (The builtin needs an instruction that not every processor
/// has, or a call.)
inline std::int32_t bits_set(std::uint64_t word) noexcept {
  word -= word >> 1 & 0x5555'5555'5555'5555u;
  word = (word & 0x3333'3333'3333'3333u) + (word >> 2 & 0x3333'3333'3333'3333u);
  word = (word + (word >> 4)) & 0x0f0f'0f0f'0f0f'0f0fu;
  return static_cast<std::int32_t>(word * 0x0101'0101'0101'0101u >> 56);
}

/// In how many bits two codes of `words` 64-bit words differ.
inline std::int32_t bits_different(const void* a, const void* b, std::size_t words) noexcept {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < words; ++i)
    sum += bits_set(word_at(a, i) ^ word_at(b, i));
  return sum;
}

/// bits_different of four codes that lie `stride` bytes from each other.
inline void bits_different4(const void* from, const char* codes, std::size_t stride,
                            std::size_t words, std::int32_t* out) noexcept {
  for (std::size_t i = 0; i < 4; ++i)
    out[i] = bits_different(from, codes + i * stride, words);
}

/// Sum of those components of a query whose bit is set in the code. The components are numbers of
/// four bits in two's complement; `planes` holds their lowest bits (`words` words), then the next.
inline std::int32_t bits_dot_planes(const void* code, const void* planes,
                                    std::size_t words) noexcept {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < words; ++i) {
    const auto set = word_at(code, i);
    sum += bits_set(set & word_at(planes, i)) + 2 * bits_set(set & word_at(planes, words + i))
           + 4 * bits_set(set & word_at(planes, 2 * words + i))
           - 8 * bits_set(set & word_at(planes, 3 * words + i));
  }
  return sum;
}

/// A bfloat16: the upper half of a float.
inline float widened(std::uint16_t half) noexcept {
  const auto bits = static_cast<std::uint32_t>(half) << 16;
  float wide;
  std::memcpy(&wide, &bits, sizeof wide);
  return wide;
}

inline float halves_dot_query(const std::uint16_t* code, const float* query,
                              std::size_t count) noexcept {
  return sum_of(count, [=](std::size_t i) { return widened(code[i]) * query[i]; });
}

inline float halves_squared_difference(const std::uint16_t* code, const float* query,
                                       std::size_t count) noexcept {
  return sum_of(count, [=](std::size_t i) {
    const auto difference = widened(code[i]) - query[i];
    return difference * difference;
  });
}

inline float halves_absolute_difference(const std::uint16_t* code, const float* query,
                                        std::size_t count) noexcept {
  return sum_of(count, [=](std::size_t i) { return absolute(widened(code[i]) - query[i]); });
}

/// Sum of table[i][code[i]], each of the tables having 256 floats.
inline float sum_of_tables(const std::uint8_t* code, const float* tables,
                           std::size_t count) noexcept {
  return sum_of(count, [=](std::size_t i) { return tables[i * 256 + code[i]]; });
}

} // namespace
} // namespace grape
