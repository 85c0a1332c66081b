#include "core/vector/row_sample.hpp"

#include <algorithm>
#include <cmath>

namespace grape {

row_sample::row_sample(std::size_t dimension, std::size_t rows, const quantizer::row_source& row_at,
                       std::size_t rows_max, std::size_t values_max)
  : dimension_(dimension) {
  const auto wanted = std::clamp(values_max / dimension, std::size_t{1}, rows_max);
  const auto step = std::max<std::size_t>(1, rows / wanted);
  for (std::size_t i = 0; i < rows; i += step)
    rows_.push_back(row_at(i));
}

std::vector<float> row_sample::mean() const {
  std::vector<double> sum(dimension_);
  for (const auto* row : rows_)
    for (std::size_t j = 0; j < dimension_; ++j)
      sum[j] += static_cast<double>(row[j]);
  std::vector<float> mean(dimension_);
  for (std::size_t j = 0; j < dimension_; ++j)
    mean[j] = static_cast<float>(sum[j] / static_cast<double>(rows_.size()));
  return mean;
}

double row_sample::deviation(const std::vector<float>& mean) const {
  double squares = 0;
  for (const auto* row : rows_)
    for (std::size_t j = 0; j < dimension_; ++j) {
      const auto difference = static_cast<double>(row[j]) - static_cast<double>(mean[j]);
      squares += difference * difference;
    }
  return std::sqrt(squares / static_cast<double>(rows_.size() * dimension_));
}

} // namespace grape
