#pragma once

#include "core/vector/quantizer.hpp"

namespace grape {

/// Maps the floats of one segment to one byte each: round((x - mean) * scale) + 128, clipped.
///
/// A prepared query's distance to a code is `norm(code) + dot_factor * (code . components -
/// dot_offset)`, the norm being 0 but for Euclid and the components signed -63..63; for Manhattan
/// it is the sum of absolute differences of the bytes.
class quantizer_int8 final : public quantizer {
public:
  static constexpr double kept_share = 0.9998; ///< Of all values; the rest are clipped.

  /// `row_at(i)` gives the i-th of `rows` rows of `dimension` floats. Looks at a sample of them.
  /// `kept` is from 0 to 1.
  static quantizer_int8 learn(metric kind, std::size_t dimension, std::size_t rows,
                              const row_source& row_at, double kept = kept_share);

  /// From stored parts: needs a finite scale above 0 and finite means, one per dimension.
  quantizer_int8(metric kind, float scale, std::vector<float> mean);

  metric kind() const noexcept { return kind_; }
  float scale() const noexcept override { return scale_; }
  coding code() const noexcept override { return coding::int8; }
  std::size_t code_length() const noexcept override { return code_bytes(); }
  std::span<const float> table() const noexcept override { return mean_; }
  std::span<const float> mean() const noexcept { return mean_; }

  /// Bytes of one code that kernels read: the dimension rounded up to a multiple of 32.
  std::size_t code_bytes() const noexcept { return (mean_.size() + 31) / 32 * 32; }

  /// Bytes from one stored code to the next: whole cache lines with room for the norm.
  static std::size_t stride_for(metric kind, std::size_t dimension) noexcept;
  std::size_t stride() const noexcept override { return stride_for(kind_, mean_.size()); }

  /// Writes code_bytes() bytes. Bytes behind the dimension stand for zero.
  void encode(const float* row, std::uint8_t* code) const;

  /// Writes stride() bytes; Euclid keeps the code's squared norm in the last four.
  void encode_stored(const float* row, std::uint8_t* code) const override;

  code_query prepare(const float* query) const override;
  float distance(const code_query& query, const std::uint8_t* code) const noexcept override;

private:
  std::uint8_t quantize(float value, std::size_t dimension) const noexcept;

  metric kind_;
  float scale_;
  std::vector<float> mean_;
};

} // namespace grape
