#pragma once

#include "core/status.hpp"
#include "core/vector/kernels.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace grape::bench {

/// What `grape-bench codes` is told.
struct code_bench_options {
  std::string data; ///< Prefix of a data set; empty: a clustered one is made in memory.
  metric kind = metric::euclid;
  std::size_t rows = 100'000; ///< Of the made one.
  std::size_t dimension = 768;
  std::size_t queries = 50; ///< Of a data set the first so many.
  std::uint64_t seed = 1;
  std::size_t k = 10;
  int repetitions = 5;
  isa with = best_isa(); ///< Must be usable on this processor.
};

/// Scans all rows by their floats and by each code, one thread, in turn: nanoseconds of processor
/// time per row, how many times faster and smaller than floats, and the recall after the nearest
/// by code were measured exactly. Without a graph: this measures kernels and quantizers.
status run_code_bench(const code_bench_options& options);

} // namespace grape::bench
