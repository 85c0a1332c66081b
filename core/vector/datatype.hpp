#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace grape {

/// How the components of stored vectors are kept. Numbers stand on disk: append, never renumber.
enum class vector_datatype : std::uint8_t {
  float32 = 0,
  float16 = 1, ///< IEEE 754 binary16.
  uint8 = 2,   ///< Whole numbers 0..255.
  turbo4 = 3,  ///< Kept as float32 here, which loses nothing.
};

/// "float32", "float16", "uint8", "turbo4": the names of Qdrant's API.
std::string_view to_string(vector_datatype kind) noexcept;

/// Bytes per component in the memory of an index.
std::size_t bytes_of(vector_datatype kind) noexcept;

/// The nearest binary16, ties to even; what is too large becomes the largest finite one.
std::uint16_t float16_from(float value) noexcept;

/// Exact.
float float_from(std::uint16_t float16) noexcept;

/// Makes each component one that `kind` can hold: float16 rounds, uint8 cuts off fractions and
/// what is outside 0..255. Needs finite components.
void round_to(vector_datatype kind, std::span<float> vector) noexcept;

} // namespace grape
