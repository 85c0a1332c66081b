#pragma once

// The innermost loops in plain C++, shaped so that a compiler vectorises them for any target.
// Included only by the *_portable.cpp files. Everything has internal linkage: code compiled for
// one instruction set must never be picked by the linker for another.

#include <cstddef>
#include <cstdint>

namespace grape {
namespace {

constexpr std::size_t lanes = 8;

/// Sums of eight interleaved lanes, then of the rest: term(i) for i in [0, count).
template <class Term>
inline float sum_of(std::size_t count, Term term) noexcept {
  float lane[lanes] = {};
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (std::size_t j = 0; j < lanes; ++j)
      lane[j] += term(i + j);
  float sum = ((lane[0] + lane[4]) + (lane[1] + lane[5]))
              + ((lane[2] + lane[6]) + (lane[3] + lane[7]));
  for (; i < count; ++i)
    sum += term(i);
  return sum;
}

inline float absolute(float x) noexcept { return x < 0 ? -x : x; }

inline float dot_product(const float* a, const float* b, std::size_t count) noexcept {
  return sum_of(count, [=](std::size_t i) { return a[i] * b[i]; });
}

inline float squared_difference(const float* a, const float* b, std::size_t count) noexcept {
  return sum_of(count, [=](std::size_t i) { return (a[i] - b[i]) * (a[i] - b[i]); });
}

inline float absolute_difference(const float* a, const float* b, std::size_t count) noexcept {
  return sum_of(count, [=](std::size_t i) { return absolute(a[i] - b[i]); });
}

// Codes are unsigned bytes, 128 standing for zero; `bytes` is a multiple of 32 (quantizer_int8).

/// Sum of code * query; query components lie in -63..63.
inline std::int32_t code_dot_query(const std::uint8_t* code, const std::int8_t* query,
                                   std::size_t bytes) noexcept {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    sum += static_cast<std::int32_t>(code[i]) * query[i];
  return sum;
}

inline std::int32_t code_dot_code(const std::uint8_t* a, const std::uint8_t* b,
                                  std::size_t bytes) noexcept {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    sum += (static_cast<std::int32_t>(a[i]) - 128) * (static_cast<std::int32_t>(b[i]) - 128);
  return sum;
}

inline std::int32_t code_squared_difference(const std::uint8_t* a, const std::uint8_t* b,
                                            std::size_t bytes) noexcept {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    const auto difference = static_cast<std::int32_t>(a[i]) - static_cast<std::int32_t>(b[i]);
    sum += difference * difference;
  }
  return sum;
}

inline std::int32_t code_absolute_difference(const std::uint8_t* a, const std::uint8_t* b,
                                             std::size_t bytes) noexcept {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    const auto difference = static_cast<std::int32_t>(a[i]) - static_cast<std::int32_t>(b[i]);
    sum += difference < 0 ? -difference : difference;
  }
  return sum;
}

/// code_dot_query of four codes at once.
inline void code_dot_query4(const std::uint8_t* const (&codes)[4], const std::int8_t* query,
                            std::size_t bytes, std::int32_t (&sums)[4]) noexcept {
  for (std::size_t i = 0; i < 4; ++i)
    sums[i] = code_dot_query(codes[i], query, bytes);
}

inline void prefetch(const void* address) noexcept { __builtin_prefetch(address); }

} // namespace
} // namespace grape
