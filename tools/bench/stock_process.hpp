#pragma once

#include "core/outcome.hpp"
#include "tools/bench/child_process.hpp"
#include "tools/bench/curve.hpp"
#include "tools/bench/index_bench.hpp"
#include "tools/bench/vector_files.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace grape::bench {

/// stock_hnswlib with an index that is ready.
struct stock_process {
  std::unique_ptr<child_process> child;
  double build_cpu = 0;  ///< Seconds of all its threads, if it had to build the index; else 0.
  double build_wall = 0; ///< Likewise.
};

/// Starts it; it builds the index unless one is kept at `path`.
outcome<stock_process> start_stock(const index_bench_options& options, const std::string& path);

/// One pass over all queries.
outcome<pass> measure_stock(stock_process& stock, const data_set& data, std::uint32_t ef);

} // namespace grape::bench
