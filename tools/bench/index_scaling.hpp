#pragma once

#include "core/index/segment.hpp"
#include "tools/bench/vector_files.hpp"

#include <cstddef>
#include <cstdint>

namespace grape::bench {

/// Searches on one thread and on several at once, each with all queries and on a processor of its
/// own; medians of some rounds in turn. By processor time it is told how much threads slow each
/// other down, whatever else runs on the machine: as many times the one thread's rate as it would
/// be if each had a processor.
struct scaling {
  std::size_t threads = 1;
  std::uint32_t ef = 0;
  double by_cpu = 0;
  double by_wall = 0;
};

scaling measure_scaling(const index::segment& over, const data_set& data, std::uint32_t ef,
                        std::size_t k, std::size_t threads);

} // namespace grape::bench
