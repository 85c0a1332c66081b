#pragma once

#include "core/index/sealed_part.hpp"
#include "core/index/tail.hpp"
#include "core/index/vector_index.hpp"

#include <vector>

namespace grape::index {

/// Everything a job needs, as of the moment when it was planned.
struct seal_job::content {
  segment_id id{};
  shard::segment_task task = shard::segment_task::seal;
  std::uint32_t dimension = 0;
  metric distance = metric::cosine;
  row_form form = row_form::float32;
  graph_options graph;
  std::vector<tail> tails;
  std::vector<sealed_part> sealed;

  std::uint64_t rows() const noexcept {
    std::uint64_t sum = 0;
    for (const auto& part : tails)
      sum += part.live();
    for (const auto& part : sealed)
      sum += part.live();
    return sum;
  }
};

} // namespace grape::index
