#pragma once

#include "core/vector/quantizer.hpp"

#include <cstddef>
#include <vector>

namespace grape {

constexpr double product(float a, float b) noexcept {
  return static_cast<double>(a) * static_cast<double>(b);
}

constexpr double square(float a) noexcept {
  return product(a, a);
}

/// Evenly spread rows of a segment to learn from, copied.
class row_sample {
public:
  /// Takes at most about `values_max` floats and `rows_max` rows, but at least one row.
  row_sample(std::size_t dimension, std::size_t rows, const quantizer::row_source& row_at,
             std::size_t rows_max = 20'000, std::size_t values_max = 2'000'000);

  std::size_t size() const noexcept { return values_.size() / dimension_; }
  const float* operator[](std::size_t i) const noexcept { return &values_[i * dimension_]; }

  /// Component by component.
  std::vector<float> mean() const;

  /// The root of the mean square of all components' differences from `mean`.
  double deviation(const std::vector<float>& mean) const;

private:
  std::size_t dimension_;
  std::vector<float> values_;
};

} // namespace grape
