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

// The squared sine of the angle between a vector and its signs, after a rotation: 1 - 2 / pi.
constexpr double lost_share = 0.3634;

// Without a branch: half of all bits are set.
void set_bit(std::uint8_t* bits, std::size_t at, bool value) noexcept {
  bits[at / 8] = static_cast<std::uint8_t>(bits[at / 8] | unsigned{value} << (at % 8));
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
  std::vector<float> result(turn_.size());
  for (std::size_t j = 0; j < mean_.size(); ++j)
    result[j] = centred ? row[j] - mean_[j] : row[j];
  turn_.apply(result.data(), result.data());
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
    set_bit(code, j, values[j] > 0);
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
  double squares = 0;
  double rounded_off = 0;
  const auto plane_bytes = turn_.size() / 8;
  prepared.components.resize(4 * plane_bytes);
  for (std::size_t j = 0; j < values.size(); ++j) {
    const auto component = static_cast<std::int32_t>(
        std::lrintf(std::clamp(values[j] * factor, -query_max, query_max)));
    prepared.dot_offset += component;
    squares += square(values[j]);
    rounded_off += square(values[j] - static_cast<float>(component) / factor);
    for (std::size_t plane = 0; plane < 4; ++plane)
      set_bit(prepared.components.data() + plane * plane_bytes, j,
              (component >> plane & 1) != 0);
  }
  // Sum of sign * q is 2 * (sum of q where the bit is set) - sum of q.
  const auto times = centred ? 2.0f : 1.0f;
  prepared.dot_factor = -times / factor;
  // What the signs leave out of a vector points anywhere in the space across it (Gao and Long).
  prepared.spread = times * static_cast<float>(std::sqrt(lost_share * squares + rounded_off));
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
