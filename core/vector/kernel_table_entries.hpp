#pragma once

// Fills a kernel_table from the primitives of the including file's instruction set.

#include "core/vector/bit_block_primitives.hpp"
#include "core/vector/kernel_table.hpp"
#include "core/vector/narrow_primitives.hpp"

namespace grape {
namespace {

using code_primitive = std::int32_t (*)(const std::uint8_t*, const std::uint8_t*, std::size_t);

template <code_primitive Measure, int Sign>
float between_codes(const void* a, const void* b, const void* bytes) {
  return static_cast<float>(Sign
                            * Measure(static_cast<const std::uint8_t*>(a),
                                      static_cast<const std::uint8_t*>(b),
                                      *static_cast<const std::size_t*>(bytes)));
}

void bits_different_rows(const void* from, const void* codes, std::size_t stride, std::size_t words,
                         std::size_t rows, std::int32_t* out) {
  const auto* code = static_cast<const char*>(codes);
  std::size_t i = 0;
  for (; i + 4 <= rows; i += 4)
    bits_different4(from, code + i * stride, stride, words, out + i);
  for (; i < rows; ++i)
    out[i] = bits_different(from, code + i * stride, words);
}

constexpr kernel_table compiled_kernels = {
  .dot = [](const float* a, const float* b, std::size_t n) { return -dot_product(a, b, n); },
  .euclid = squared_difference,
  .manhattan = absolute_difference,
  .bytes_dot_query = code_dot_query,
  .nibbles_dot_query = nibbles_dot_query,
  .bits_different = bits_different,
  .bits_dot_planes = bits_dot_planes,
  .halves_dot_query = halves_dot_query,
  .halves_squared_difference = halves_squared_difference,
  .halves_absolute_difference = halves_absolute_difference,
  .widen_float16 = widen_float16,
  .widen_uint8 = widen_uint8,
  .sum_of_tables = sum_of_tables,
  .bits_different_rows = bits_different_rows,
  .measure_bit_rows = measure_bit_rows,
  .near_bit_rows = near_bit_rows,
  .code_dot = between_codes<code_dot_code, -1>,
  .code_euclid = between_codes<code_squared_difference, 1>,
  .code_manhattan = between_codes<code_absolute_difference, 1>,
};

} // namespace
} // namespace grape
