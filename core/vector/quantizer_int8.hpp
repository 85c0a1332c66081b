#pragma once

#include "core/vector/metric.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace grape {

/// A query prepared for one quantizer. The distance to a code, in a scale of its own, is
/// `norm(code) + dot_factor * (code . components - dot_offset)`, the norm being 0 but for Euclid;
/// for Manhattan it is the sum of absolute differences of the bytes.
struct code_query {
  std::vector<std::uint8_t> components; ///< Signed -63..63, or code bytes for Manhattan.
  std::int32_t dot_offset = 0;
  float dot_factor = 0;
};

/// Maps the floats of one segment to one byte each: round((x - mean) * scale) + 128, clipped.
/// Codes only order candidates; distances shown to anyone are computed from the floats. A value
/// type; reading is thread-safe.
class quantizer_int8 {
public:
  /// `row_at(i)` gives the i-th of `rows` rows of `dimension` floats. Looks at a sample of them.
  static quantizer_int8 learn(metric kind, std::size_t dimension, std::size_t rows,
                              const std::function<const float*(std::size_t)>& row_at);

  /// From stored parts: needs a finite scale above 0 and finite means, one per dimension.
  quantizer_int8(metric kind, float scale, std::vector<float> mean);

  metric kind() const noexcept { return kind_; }
  float scale() const noexcept { return scale_; }
  std::span<const float> mean() const noexcept { return mean_; }

  /// Bytes of one code that kernels read: the dimension rounded up to a multiple of 32.
  std::size_t code_bytes() const noexcept { return (mean_.size() + 31) / 32 * 32; }

  /// Bytes from one stored code to the next: whole cache lines with room for the norm.
  std::size_t stride() const noexcept;

  /// Writes code_bytes() bytes. Bytes behind the dimension stand for zero.
  void encode(const float* row, std::uint8_t* code) const;

  /// Writes stride() bytes; Euclid keeps the code's squared norm in the last four.
  void encode_stored(const float* row, std::uint8_t* code) const;

  code_query prepare(const float* query) const;

private:
  std::uint8_t quantize(float value, std::size_t dimension) const noexcept;

  metric kind_;
  float scale_;
  std::vector<float> mean_;
};

} // namespace grape
