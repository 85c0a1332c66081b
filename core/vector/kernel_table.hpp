#pragma once

#include <cstddef>
#include <cstdint>

namespace grape {

enum class metric : std::uint8_t;
enum class isa : std::uint8_t;
struct bit_block;
struct bit_probe;

/// Distances between two rows of floats, and between two int8 codes, of one instruction set.
/// Dot products come negated, as everywhere: smaller is nearer.
struct kernel_table {
  using float_pair = float (*)(const float* a, const float* b, std::size_t dimension);

  /// `bytes` points to the number of bytes (std::size_t): the shape that hnswlib calls.
  using code_pair = float (*)(const void* a, const void* b, const void* bytes);

  float_pair dot;
  float_pair euclid;
  float_pair manhattan;
  // Contracts: see primitives_portable.hpp, code_primitives_portable.hpp, narrow_primitives.hpp.
  std::int32_t (*bytes_dot_query)(const std::uint8_t*, const std::int8_t*, std::size_t bytes);
  std::int32_t (*nibbles_dot_query)(const std::uint8_t*, const std::int8_t*, std::size_t bytes);
  std::int32_t (*bits_different)(const void*, const void*, std::size_t words);
  std::int32_t (*bits_dot_planes)(const void* code, const void* planes, std::size_t words);
  float (*halves_dot_query)(const std::uint16_t*, const float*, std::size_t count);
  float (*halves_squared_difference)(const std::uint16_t*, const float*, std::size_t count);
  float (*halves_absolute_difference)(const std::uint16_t*, const float*, std::size_t count);
  void (*widen_float16)(const void* row, float* to, std::size_t count);
  void (*widen_uint8)(const std::uint8_t* row, float* to, std::size_t count);
  float (*sum_of_tables)(const std::uint8_t*, const float* tables, std::size_t count);

  /// bits_different of one code and `rows` codes that lie `stride` bytes from each other.
  void (*bits_different_rows)(const void* from, const void* codes, std::size_t stride,
                              std::size_t words, std::size_t rows, std::int32_t* out);

  /// Measures the rows of a block. Returns how many are not farther than `bound`.
  std::size_t (*measure_bit_rows)(const bit_block& block, const bit_probe& probe, float bound,
                                  float* distances);

  /// Which rows of so many blocks, one behind the other, are not farther than `bound`, counted from
  /// the first. Returns how many; `rows` has room for all, and one more.
  std::size_t (*near_bit_rows)(bit_block first, std::size_t blocks, const bit_probe& probe,
                               float bound, std::uint32_t* rows);

  code_pair code_dot;
  code_pair code_euclid;
  code_pair code_manhattan;

  float_pair floats(metric kind) const noexcept;
};

const kernel_table& portable_kernels() noexcept;

/// Only where `usable_isas()` has avx2.
const kernel_table& avx2_kernels() noexcept;

/// Only where it has avx512.
const kernel_table& avx512_kernels() noexcept;

/// Only where it has neon.
const kernel_table& neon_kernels() noexcept;

const kernel_table& kernels_of(isa kind) noexcept;

} // namespace grape
