#pragma once

// Fills a kernel_table from the primitives of the including file's instruction set.

#include "core/vector/kernel_table.hpp"

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

constexpr kernel_table compiled_kernels = {
  .dot = [](const float* a, const float* b, std::size_t n) { return -dot_product(a, b, n); },
  .euclid = squared_difference,
  .manhattan = absolute_difference,
  .code_dot = between_codes<code_dot_code, -1>,
  .code_euclid = between_codes<code_squared_difference, 1>,
  .code_manhattan = between_codes<code_absolute_difference, 1>,
};

} // namespace
} // namespace grape
