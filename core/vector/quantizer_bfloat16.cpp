#include "core/vector/quantizer_bfloat16.hpp"

#include "core/check.hpp"
#include "core/vector/kernel_table.hpp"
#include "core/vector/kernels.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace grape {

namespace {

constexpr std::size_t cache_line = 64;

std::uint16_t narrowed(float value) noexcept {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  if (std::isnan(value))
    return static_cast<std::uint16_t>(bits >> 16 | 0x40); // Rounding could make it an infinity.
  bits += 0x7fff + (bits >> 16 & 1);                      // Ties to even.
  return static_cast<std::uint16_t>(bits >> 16);
}

} // namespace

quantizer_bfloat16::quantizer_bfloat16(metric kind, std::size_t dimension)
  : kind_(kind)
  , dimension_(dimension) {
  GRAPE_CHECK(dimension > 0);
}

std::size_t quantizer_bfloat16::stride_for(std::size_t dimension) noexcept {
  return (dimension * sizeof(std::uint16_t) + cache_line - 1) / cache_line * cache_line;
}

void quantizer_bfloat16::encode_stored(const float* row, std::uint8_t* code) const {
  std::fill_n(code, stride(), std::uint8_t{0});
  for (std::size_t j = 0; j < dimension_; ++j) {
    const auto half = narrowed(row[j]);
    std::memcpy(code + j * sizeof half, &half, sizeof half);
  }
}

code_query quantizer_bfloat16::prepare(const float* query) const {
  code_query prepared;
  prepared.floats.assign(query, query + dimension_);
  return prepared;
}

float quantizer_bfloat16::distance(const code_query& query,
                                   const std::uint8_t* code) const noexcept {
  const auto& kernels = kernels_of(best_isa());
  const auto* halves = reinterpret_cast<const std::uint16_t*>(code);
  const auto* floats = query.floats.data();
  switch (kind_) {
    case metric::cosine:
    case metric::dot: return -kernels.halves_dot_query(halves, floats, dimension_);
    case metric::euclid: return kernels.halves_squared_difference(halves, floats, dimension_);
    case metric::manhattan: return kernels.halves_absolute_difference(halves, floats, dimension_);
  }
  return 0;
}

} // namespace grape
