#pragma once

#include "core/ids.hpp"
#include "core/index/graph.hpp"
#include "core/index/hot_array.hpp"
#include "core/storage/file_system.hpp"
#include "core/vector/metric.hpp"
#include "core/vector/point.hpp"
#include "core/vector/quantizer.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace grape::index {

/// The float rows of a segment: own memory, or a mapped file kept open.
struct float_rows_storage {
  hot_array<float> owned;
  std::unique_ptr<storage::random_file> mapped;
  const float* first = nullptr; ///< Into whichever of the two holds them.
};

/// Everything a segment consists of, in memory. All parts agree in their number of rows.
struct segment_content {
  segment_id id{};
  metric distance = metric::cosine;
  std::uint32_t dimension = 0;
  std::vector<point_id> ids;
  std::vector<std::uint64_t> vector_versions;
  graph links; ///< links.rows is right even without a graph (m = 0).
  std::shared_ptr<const grape::quantizer> quantizer; ///< Null: the walk measures the floats.
  hot_array<std::uint8_t> codes;           ///< rows * quantizer->stride(), or empty.
  float_rows_storage vectors;

  coding code() const noexcept { return quantizer ? quantizer->code() : coding::floats; }
  std::uint32_t rows() const noexcept { return links.rows; }
  const float* vector(std::uint32_t row) const noexcept {
    return vectors.first + std::size_t{row} * dimension;
  }
};

} // namespace grape::index
