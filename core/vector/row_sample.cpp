#include "core/vector/row_sample.hpp"

#include <algorithm>
#include <cmath>

namespace grape {

row_sample::row_sample(std::size_t dimension, std::size_t rows, const quantizer::row_source& row_at,
                       std::size_t rows_max, std::size_t values_max)
  : dimension_(dimension) {
  const auto wanted = std::clamp(values_max / dimension, std::size_t{1}, rows_max);
  const auto step = std::max<std::size_t>(1, rows / wanted);
  values_.reserve((rows + step - 1) / step * dimension);
  for (std::size_t i = 0; i < rows; i += step) {
    const auto* row = row_at(i);
    values_.insert(values_.end(), row, row + dimension);
  }
}

std::vector<float> row_sample::mean() const {
  std::vector<double> sum(dimension_);
  for (std::size_t i = 0; i < values_.size(); ++i)
    sum[i % dimension_] += static_cast<double>(values_[i]);
  std::vector<float> mean(dimension_);
  for (std::size_t j = 0; j < dimension_; ++j)
    mean[j] = static_cast<float>(sum[j] / static_cast<double>(size()));
  return mean;
}

double row_sample::deviation(const std::vector<float>& mean) const {
  double squares = 0;
  for (std::size_t i = 0; i < values_.size(); ++i)
    squares += square(values_[i] - mean[i % dimension_]);
  return std::sqrt(squares / static_cast<double>(values_.size()));
}

} // namespace grape
