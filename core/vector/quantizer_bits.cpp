#include "core/vector/quantizer_bits.hpp"

#include "core/check.hpp"
#include "core/vector/kernel_table.hpp"
#include "core/vector/kernels.hpp"
#include "core/vector/row_sample.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace grape {

namespace {

constexpr float query_max = 7; // Four bits in two's complement, without the lone -8.

void set_bit(std::uint8_t* bits, std::size_t at) noexcept {
  bits[at / 8] = static_cast<std::uint8_t>(bits[at / 8] | 1u << (at % 8));
}

} // namespace

quantizer_bits::quantizer_bits(metric kind, std::vector<float> mean)
  : kind_(kind)
  , mean_(std::move(mean))
  , turn_(mean_.size()) {
  GRAPE_CHECK(supports(kind, coding::bits));
}

std::shared_ptr<const quantizer_bits> quantizer_bits::learn(metric kind, std::size_t dimension,
                                                            std::size_t rows,
                                                            const row_source& row_at) {
  return std::make_shared<quantizer_bits>(kind, row_sample(dimension, rows, row_at).mean());
}

std::size_t quantizer_bits::stride_for(std::size_t dimension) noexcept {
  return (dimension + 63) / 64 * 8 + 2 * sizeof(float);
}

std::vector<float> quantizer_bits::turned(const float* row, bool centred) const {
  std::vector<float> plain(mean_.size());
  for (std::size_t j = 0; j < plain.size(); ++j)
    plain[j] = centred ? row[j] - mean_[j] : row[j];
  std::vector<float> result(turn_.size());
  turn_.apply(plain.data(), result.data());
  return result;
}

void quantizer_bits::encode_stored(const float* row, std::uint8_t* code) const {
  const auto values = turned(row, true);
  std::fill_n(code, stride(), std::uint8_t{0});
  double sizes = 0;
  double squares = 0;
  for (std::size_t j = 0; j < values.size(); ++j) {
    sizes += std::fabs(static_cast<double>(values[j]));
    squares += static_cast<double>(values[j]) * static_cast<double>(values[j]);
    if (values[j] > 0)
      set_bit(code, j);
  }
  const auto factor = static_cast<float>(sizes > 0 ? squares / sizes : 0);
  const auto norm = kind_ == metric::euclid ? static_cast<float>(squares) : 0;
  // A vector that is not finite gets a code that is.
  const float tail[2] = {std::isfinite(factor) ? factor : 0, std::isfinite(norm) ? norm : 0};
  std::memcpy(code + stride() - sizeof tail, tail, sizeof tail);
}

code_query quantizer_bits::prepare(const float* query) const {
  // Only Euclid's query is measured from the mean; a dot product with it is the same for all.
  const auto centred = kind_ == metric::euclid;
  const auto values = turned(query, centred);
  float largest = 0;
  for (const auto value : values)
    largest = std::max(largest, std::fabs(value));
  const auto ratio = query_max / largest;
  const auto factor = std::isnormal(ratio) ? ratio : 1.0f;
  code_query prepared;
  const auto plane_bytes = turn_.size() / 8;
  prepared.components.resize(4 * plane_bytes);
  for (std::size_t j = 0; j < values.size(); ++j) {
    const auto component = static_cast<std::int32_t>(
        std::lrintf(std::clamp(values[j] * factor, -query_max, query_max)));
    prepared.dot_offset += component;
    for (std::size_t plane = 0; plane < 4; ++plane)
      if ((component >> plane & 1) != 0)
        set_bit(prepared.components.data() + plane * plane_bytes, j);
  }
  // Sum of sign * q is 2 * (sum of q where the bit is set) - sum of q.
  prepared.dot_factor = (centred ? -2 : -1) / factor;
  for (std::size_t j = 0; j < mean_.size(); ++j)
    prepared.true_origin
      += centred ? square(query[j] - mean_[j]) : -product(query[j], mean_[j]);
  return prepared;
}

float quantizer_bits::distance(const code_query& query, const std::uint8_t* code) const noexcept {
  const auto set =
      kernels_of(best_isa()).bits_dot_planes(code, query.components.data(), code_length());
  float tail[2];
  std::memcpy(tail, code + stride() - sizeof tail, sizeof tail);
  const auto product = static_cast<float>(2 * set - query.dot_offset);
  return tail[1] + tail[0] * query.dot_factor * product;
}

} // namespace grape
