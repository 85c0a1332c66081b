#pragma once

#include "core/vector/quantizer.hpp"

namespace grape {

/// Half a byte per component: u = floor((x - mean) * scale + 8) in 0..15 stands for
/// (2 u - 15) / (2 scale). The first half of the components lies in the low nibbles. Euclid keeps
/// the sum of (2 u - 15)^2 in the last four bytes.
class quantizer_int4 final : public quantizer {
public:
  static std::shared_ptr<const quantizer_int4> learn(metric kind, std::size_t dimension,
                                                     std::size_t rows, const row_source& row_at);

  /// Needs a finite scale above 0, finite means, one per dimension, and no Manhattan distance.
  quantizer_int4(metric kind, float scale, std::vector<float> mean);

  /// Bytes from one code to the next: whole cache lines with room for the norm.
  static std::size_t stride_for(metric kind, std::size_t dimension) noexcept;

  coding code() const noexcept override { return coding::int4; }
  std::size_t stride() const noexcept override { return stride_for(kind_, mean_.size()); }
  std::size_t code_length() const noexcept override; ///< Bytes, a multiple of 32.
  void encode_stored(const float* row, std::uint8_t* code) const override;
  code_query prepare(const float* query) const override;
  float distance(const code_query& query, const std::uint8_t* code) const noexcept override;
  float scale() const noexcept override { return scale_; }
  std::span<const float> table() const noexcept override { return mean_; }

private:
  metric kind_;
  float scale_;
  std::vector<float> mean_;
};

} // namespace grape
