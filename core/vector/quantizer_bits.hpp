#pragma once

#include "core/vector/quantizer.hpp"
#include "core/vector/rotation.hpp"

namespace grape {

/// A bit per component: the sign of the rotated x - mean. With it goes the factor by which the
/// signs' product with a query must be multiplied to estimate the product with x itself (RaBitQ,
/// Gao and Long 2024: |y|^2 / sum |y_i|), and for Euclid |y|^2; y is the rotated x - mean. The
/// query is rotated, too, and rounded to four bits per component, so that a distance is a few
/// counted bits. A code is the bits, the factor (f32) and the squared length (f32, Euclid, else 0).
class quantizer_bits final : public quantizer {
public:
  static std::shared_ptr<const quantizer_bits> learn(metric kind, std::size_t dimension,
                                                     std::size_t rows, const row_source& row_at);

  /// Needs finite means, one per dimension, and no Manhattan distance.
  quantizer_bits(metric kind, std::vector<float> mean);

  static std::size_t stride_for(std::size_t dimension) noexcept;

  coding code() const noexcept override { return coding::bits; }
  std::size_t stride() const noexcept override { return stride_for(mean_.size()); }
  std::size_t code_length() const noexcept override { return turn_.size() / 64; } ///< Words.
  void encode_stored(const float* row, std::uint8_t* code) const override;
  code_query prepare(const float* query) const override;
  float distance(const code_query& query, const std::uint8_t* code) const noexcept override;
  std::span<const float> table() const noexcept override { return mean_; }

private:
  std::vector<float> turned(const float* row, bool centred) const;

  metric kind_;
  std::vector<float> mean_;
  rotation turn_;
};

} // namespace grape
