#pragma once

#include "core/vector/metric.hpp"
#include "core/vector/quantizer.hpp"
#include "core/vector/stored_row.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace grape::index {

/// Below this a byte per component is too coarse, and floats are small anyway.
constexpr std::uint32_t coded_dimension_min = 16;

/// From here on half a byte per component is enough: a row's errors even out over that many. On
/// MNIST's 784 pixels walks over 4 bits were 1.1 to 1.3 times as fast at equal recall.
constexpr std::uint32_t halved_dimension_min = 512;

/// How many of the walk's candidates are measured exactly for `k` results. Codes order the front
/// of the pool only almost right: the coarser they are, the more.
std::size_t rescored_for(coding code, std::size_t k) noexcept;

/// What a segment's memory depends on.
struct segment_shape {
  std::uint64_t rows = 0;
  std::uint32_t dimension = 0;
  std::uint32_t m = 0;           ///< 0: no graph.
  std::uint64_t upper_lists = 0; ///< Link lists above level 0; see expected_upper_lists.
  metric distance = metric::cosine;
  coding code = coding::floats;
  row_form form = row_form::float32;
};

/// Where it goes, in bytes. `links` and `codes` are read by every walk and should stay in memory;
/// `vectors` are read for the few rows that are rescored (unless the walk reads them), and may be
/// mapped pages that the system takes back.
struct segment_memory {
  std::uint64_t links = 0;
  std::uint64_t codes = 0;
  std::uint64_t vectors = 0;
  std::uint64_t names = 0; ///< Ids and versions.

  std::uint64_t total() const noexcept { return links + codes + vectors + names; }
};

/// Exactly what segment::bytes() says of one that was read from a file, less the object itself.
segment_memory memory_of(const segment_shape& shape) noexcept;

/// How many link lists above level 0 a graph has on average: each level has 1/m of the rows of
/// the one below.
std::uint64_t expected_upper_lists(std::uint64_t rows, std::uint32_t m) noexcept;

/// Which codes a segment should have. `wanted` if it can be: few dimensions keep their floats, and
/// Manhattan distances are not measured by 4 bits or less. Without a wish int8, or int4 from
/// halved_dimension_min on; with `hot_bytes_max` (links and codes together) the most exact one that
/// fits, or else the smallest.
coding plan_coding(metric distance, std::uint32_t dimension, std::optional<coding> wanted) noexcept;
coding plan_coding(const segment_shape& shape, std::uint64_t hot_bytes_max) noexcept;

} // namespace grape::index
