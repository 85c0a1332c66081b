#pragma once

#include "core/vector/quantizer.hpp"

namespace grape {

/// Two bytes per component: the upper half of the float, rounded to nearest. Nothing is learnt.
class quantizer_bfloat16 final : public quantizer {
public:
  quantizer_bfloat16(metric kind, std::size_t dimension);

  static std::size_t stride_for(std::size_t dimension) noexcept;

  coding code() const noexcept override { return coding::bfloat16; }
  std::size_t stride() const noexcept override { return stride_for(dimension_); }
  std::size_t code_length() const noexcept override { return dimension_; } ///< Components.
  void encode_stored(const float* row, std::uint8_t* code) const override;
  code_query prepare(const float* query) const override;
  float distance(const code_query& query, const std::uint8_t* code) const noexcept override;
  std::span<const float> table() const noexcept override { return {}; }

private:
  metric kind_;
  std::size_t dimension_;
};

} // namespace grape
