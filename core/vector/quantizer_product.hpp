#pragma once

#include "core/vector/quantizer.hpp"

namespace grape {

/// One byte for `group` components: the nearest of 256 centroids of that group, trained by k-means
/// on a sample (product quantization, Jegou and others 2011). A query is turned into tables with
/// its distance to every centroid; a row's distance is a sum of entries. The last group may be
/// filled up with components that are zero everywhere.
class quantizer_product final : public quantizer {
public:
  static constexpr std::size_t centroids = 256;

  static std::shared_ptr<const quantizer_product> learn(metric kind, std::size_t dimension,
                                                        std::size_t rows, const row_source& row_at);

  /// `table` is by group, then component, then centroid; finite. Needs group >= 1.
  quantizer_product(metric kind, std::size_t dimension, std::uint16_t group,
                    std::vector<float> table);

  static std::size_t stride_for(std::size_t dimension, std::uint16_t group) noexcept;
  static std::size_t table_size_for(std::size_t dimension, std::uint16_t group) noexcept;
  static std::uint16_t group_for(std::size_t dimension) noexcept;

  coding code() const noexcept override { return coding::product; }
  std::size_t stride() const noexcept override { return stride_for(dimension_, group_); }
  std::size_t code_length() const noexcept override; ///< Groups.
  void encode_stored(const float* row, std::uint8_t* code) const override;
  code_query prepare(const float* query) const override;
  float distance(const code_query& query, const std::uint8_t* code) const noexcept override;
  std::uint16_t group() const noexcept override { return group_; }
  std::span<const float> table() const noexcept override { return table_; }

private:
  metric kind_;
  std::size_t dimension_;
  std::uint16_t group_;
  std::vector<float> table_;
};

} // namespace grape
