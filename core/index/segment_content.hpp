#pragma once

#include "core/ids.hpp"
#include "core/index/graph.hpp"
#include "core/index/hot_array.hpp"
#include "core/storage/file_system.hpp"
#include "core/vector/metric.hpp"
#include "core/vector/point.hpp"
#include "core/vector/quantizer.hpp"
#include "core/vector/stored_row.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace grape::index {

/// Bytes of their own, or of a mapped file that somebody else keeps open.
class row_bytes {
public:
  row_bytes() = default;
  explicit row_bytes(hot_array<std::uint8_t> own) noexcept
    : own_(std::move(own))
    , first_(own_.data())
    , size_(own_.size()) {
  }
  explicit row_bytes(std::span<const std::uint8_t> mapped) noexcept
    : first_(mapped.data())
    , size_(mapped.size()) {
  }

  const std::uint8_t* data() const noexcept { return first_; }
  std::size_t size() const noexcept { return size_; }
  const std::uint8_t& operator[](std::size_t i) const noexcept { return first_[i]; }

  /// Null if they are mapped.
  const hot_array<std::uint8_t>* own() const noexcept {
    return own_.size() == size_ ? &own_ : nullptr;
  }

  std::uint64_t mapped_bytes() const noexcept { return own() == nullptr ? size_ : 0; }

private:
  hot_array<std::uint8_t> own_;
  const std::uint8_t* first_ = nullptr;
  std::size_t size_ = 0;
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
  row_form form = row_form::float32;
  row_bytes codes;                             ///< rows * quantizer->stride(), or empty.
  row_bytes vectors;                           ///< As layout() says.
  std::unique_ptr<storage::random_file> mapped; ///< Kept open for what is mapped of it.

  coding code() const noexcept { return quantizer ? quantizer->code() : coding::floats; }
  std::uint32_t rows() const noexcept { return links.rows; }
  row_layout layout() const noexcept { return {form, dimension}; }
  const void* stored(std::uint32_t row) const noexcept {
    return vectors.data() + std::size_t{row} * dimension * bytes_of(form);
  }
};

} // namespace grape::index
