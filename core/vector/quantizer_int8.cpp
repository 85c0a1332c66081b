#include "core/vector/quantizer_int8.hpp"

#include "core/check.hpp"
#include "core/vector/kernel_table.hpp"
#include "core/vector/kernels.hpp"
#include "core/vector/row_sample.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace grape {

namespace {

constexpr float code_max = 127;
constexpr float query_max = 63; // 7 bits: keeps the 16-bit step of the AVX2 kernel exact.
constexpr std::uint8_t zero_code = 128;
constexpr std::size_t cache_line = 64;

/// Dot products of codes leave out mean . query, the same for all rows. Between two rows that is
/// not so, and graphs are built between rows: plain Dot therefore keeps the origin. (Cosine
/// graphs are built by Euclidean distance, which is blind to the mean.)
bool subtracts_mean(metric kind) noexcept {
  return kind != metric::dot;
}

} // namespace

quantizer_int8::quantizer_int8(metric kind, float scale, std::vector<float> mean)
  : kind_(kind)
  , scale_(scale)
  , mean_(std::move(mean)) {
  GRAPE_CHECK(std::isfinite(scale) && scale > 0 && !mean_.empty());
}

quantizer_int8 quantizer_int8::learn(metric kind, std::size_t dimension, std::size_t rows,
                                     const row_source& row_at, double kept) {
  const row_sample sample(dimension, rows, row_at);
  auto mean = subtracts_mean(kind) ? sample.mean() : std::vector<float>(dimension);
  std::vector<float> sizes;
  sizes.reserve(sample.size() * dimension);
  for (std::size_t i = 0; i < sample.size(); ++i)
    for (std::size_t j = 0; j < dimension; ++j)
      sizes.push_back(std::fabs(sample[i][j] - mean[j]));
  const auto at = static_cast<std::ptrdiff_t>(kept * static_cast<double>(sizes.size() - 1));
  std::nth_element(sizes.begin(), sizes.begin() + at, sizes.end());
  const auto largest = sizes[static_cast<std::size_t>(at)];
  const auto scale = code_max / largest;
  return {kind, std::isnormal(scale) ? scale : 1.0f, std::move(mean)};
}

std::size_t quantizer_int8::stride_for(metric kind, std::size_t dimension) noexcept {
  const auto norm = kind == metric::euclid ? sizeof(std::int32_t) : 0;
  return (dimension + norm + cache_line - 1) / cache_line * cache_line;
}

std::uint8_t quantizer_int8::quantize(float value, std::size_t dimension) const noexcept {
  const auto scaled = (value - mean_[dimension]) * scale_;
  // Written so that a NaN, too, becomes a number before the conversion.
  const auto clipped = scaled > -code_max ? (scaled < code_max ? scaled : code_max) : -code_max;
  return static_cast<std::uint8_t>(std::lrintf(clipped) + zero_code);
}

void quantizer_int8::encode(const float* row, std::uint8_t* code) const {
  for (std::size_t j = 0; j < mean_.size(); ++j)
    code[j] = quantize(row[j], j);
  std::fill(code + mean_.size(), code + code_bytes(), zero_code);
}

void quantizer_int8::encode_stored(const float* row, std::uint8_t* code) const {
  std::int32_t norm = 0;
  for (std::size_t j = 0; j < mean_.size(); ++j) {
    code[j] = quantize(row[j], j);
    const auto centred = static_cast<std::int32_t>(code[j]) - zero_code;
    norm += centred * centred;
  }
  std::fill(code + mean_.size(), code + stride(), zero_code);
  if (kind_ == metric::euclid)
    std::memcpy(code + stride() - sizeof norm, &norm, sizeof norm);
}

code_query quantizer_int8::prepare(const float* query) const {
  code_query prepared;
  prepared.components.resize(stride());
  if (kind_ == metric::manhattan) {
    // A component beyond the codes' range is clipped: that shifts all distances alike.
    encode_stored(query, prepared.components.data());
    prepared.true_scale = 1 / static_cast<double>(scale_);
    return prepared;
  }
  // Only Euclid's query is measured from the mean; a dot product with it is the same for all.
  const auto centred = kind_ == metric::euclid;
  float largest = 0;
  for (std::size_t j = 0; j < mean_.size(); ++j)
    largest = std::max(largest, std::fabs(centred ? query[j] - mean_[j] : query[j]));
  const auto ratio = query_max / largest;
  const auto factor = std::isnormal(ratio) ? ratio : 1.0f;
  std::int32_t sum = 0;
  double origin = 0;
  for (std::size_t j = 0; j < mean_.size(); ++j) {
    origin += centred ? square(query[j] - mean_[j]) : -product(query[j], mean_[j]);
    const auto value = (centred ? query[j] - mean_[j] : query[j]) * factor;
    const auto component = std::lrintf(std::clamp(value, -query_max, query_max));
    prepared.components[j] = static_cast<std::uint8_t>(static_cast<std::int8_t>(component));
    sum += static_cast<std::int32_t>(component);
  }
  prepared.dot_offset = sum * zero_code;
  // |x - q|^2 = |x|^2 - 2 x.q + |q|^2, in units of the codes: x.q is scale * factor too large.
  prepared.dot_factor = centred ? -2 * scale_ / factor : -1;
  prepared.true_scale = 1 / product(scale_, centred ? scale_ : factor);
  prepared.true_origin = origin;
  return prepared;
}

float quantizer_int8::distance(const code_query& query, const std::uint8_t* code) const noexcept {
  const auto& kernels = kernels_of(best_isa());
  const auto bytes = code_bytes();
  if (kind_ == metric::manhattan)
    return kernels.code_manhattan(query.components.data(), code, &bytes);
  const auto* components = reinterpret_cast<const std::int8_t*>(query.components.data());
  const auto dot = kernels.bytes_dot_query(code, components, bytes);
  std::int32_t norm = 0;
  if (kind_ == metric::euclid)
    std::memcpy(&norm, code + stride() - sizeof norm, sizeof norm);
  return static_cast<float>(norm) + query.dot_factor * static_cast<float>(dot - query.dot_offset);
}

} // namespace grape
