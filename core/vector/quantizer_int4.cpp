#include "core/vector/quantizer_int4.hpp"

#include "core/check.hpp"
#include "core/vector/kernel_table.hpp"
#include "core/vector/kernels.hpp"
#include "core/vector/row_sample.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace grape {

namespace {

constexpr double kept_deviations = 2.6; // Of normally distributed values 99 % are not clipped.
constexpr float query_max = 127;
constexpr std::size_t cache_line = 64;

std::size_t bytes_for(std::size_t dimension) noexcept {
  return ((dimension + 1) / 2 + 31) / 32 * 32;
}

} // namespace

quantizer_int4::quantizer_int4(metric kind, float scale, std::vector<float> mean)
  : kind_(kind)
  , scale_(scale)
  , mean_(std::move(mean)) {
  GRAPE_CHECK(supports(kind, coding::int4) && scale > 0 && !mean_.empty());
}

std::shared_ptr<const quantizer_int4> quantizer_int4::learn(metric kind, std::size_t dimension,
                                                            std::size_t rows,
                                                            const row_source& row_at) {
  const row_sample sample(dimension, rows, row_at);
  auto mean = sample.mean();
  const auto scale = static_cast<float>(7.5 / (kept_deviations * sample.deviation(mean)));
  return std::make_shared<quantizer_int4>(kind, std::isnormal(scale) ? scale : 1.0f,
                                          std::move(mean));
}

std::size_t quantizer_int4::stride_for(metric kind, std::size_t dimension) noexcept {
  const auto norm = kind == metric::euclid ? sizeof(std::int32_t) : 0;
  return (bytes_for(dimension) + norm + cache_line - 1) / cache_line * cache_line;
}

std::size_t quantizer_int4::code_length() const noexcept {
  return bytes_for(mean_.size());
}

void quantizer_int4::encode_stored(const float* row, std::uint8_t* code) const {
  const auto half = code_length();
  std::fill_n(code, stride(), std::uint8_t{0});
  std::int32_t norm = 0;
  for (std::size_t j = 0; j < mean_.size(); ++j) {
    const auto scaled = (row[j] - mean_[j]) * scale_ + 8;
    // Written so that a NaN, too, becomes a number before the conversion.
    const auto nibble = static_cast<unsigned>(scaled > 0 ? (scaled < 15 ? scaled : 15) : 0);
    const auto value = 2 * static_cast<std::int32_t>(nibble) - 15;
    norm += value * value;
    auto& byte = code[j < half ? j : j - half];
    byte = static_cast<std::uint8_t>(byte | nibble << (j < half ? 0 : 4));
  }
  if (kind_ == metric::euclid)
    std::memcpy(code + stride() - sizeof norm, &norm, sizeof norm);
}

code_query quantizer_int4::prepare(const float* query) const {
  code_query prepared;
  prepared.components.resize(2 * code_length());
  // Only Euclid's query is measured from the mean; a dot product with it is the same for all.
  const auto centred = kind_ == metric::euclid;
  const auto value_at = [&](std::size_t j) { return centred ? query[j] - mean_[j] : query[j]; };
  float largest = 0;
  for (std::size_t j = 0; j < mean_.size(); ++j)
    largest = std::max(largest, std::fabs(value_at(j)));
  const auto ratio = query_max / largest;
  const auto factor = std::isnormal(ratio) ? ratio : 1.0f;
  std::int32_t sum = 0;
  double origin = 0;
  for (std::size_t j = 0; j < mean_.size(); ++j) {
    origin += centred ? square(value_at(j)) : -product(query[j], mean_[j]);
    const auto component = std::lrintf(std::clamp(value_at(j) * factor, -query_max, query_max));
    prepared.components[j] = static_cast<std::uint8_t>(static_cast<std::int8_t>(component));
    sum += static_cast<std::int32_t>(component);
  }
  // x.q = (sum of u q - 7.5 sum of q) / (scale * factor); Euclid's norm is 4 scale^2 |x|^2.
  prepared.dot_offset = sum * 15 / 2;
  prepared.dot_factor = centred ? -8 * scale_ / factor : -1;
  prepared.true_scale = 1 / (centred ? 4 * square(scale_) : product(scale_, factor));
  prepared.true_origin = origin;
  return prepared;
}

float quantizer_int4::distance(const code_query& query, const std::uint8_t* code) const noexcept {
  const auto* components = reinterpret_cast<const std::int8_t*>(query.components.data());
  const auto dot = kernels_of(best_isa()).nibbles_dot_query(code, components, code_length());
  std::int32_t norm = 0;
  if (kind_ == metric::euclid)
    std::memcpy(&norm, code + stride() - sizeof norm, sizeof norm);
  return static_cast<float>(norm) + query.dot_factor * static_cast<float>(dot - query.dot_offset);
}

} // namespace grape
