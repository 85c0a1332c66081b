#pragma once

#include "core/status.hpp"
#include "core/vector/kernels.hpp"
#include "core/vector/quantizer.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace grape::bench {

/// What `grape-bench index` is told.
struct index_bench_options {
  std::string data;          ///< Prefix of a data set.
  std::string cache;         ///< Folder for built indexes; empty: beside the data.
  std::string stock = "hnswlib"; ///< Or "faiss": what Grape is measured against.
  std::string stock_program;     ///< Path of stock_<stock>; empty: only Grape is measured.
  metric kind = metric::cosine;
  std::size_t queries = 1'000;
  std::size_t k = 10;
  std::uint32_t m = 16;
  std::uint32_t ef_construct = 200;
  std::vector<std::uint32_t> efs{10, 20, 40, 80, 120, 160, 200, 300, 400, 600, 800};
  int repetitions = 5;
  std::size_t threads = 1; ///< Above 1: also how searches on so many threads scale.
  std::optional<coding> code; ///< See index::graph_options.
  isa with = best_isa(); ///< Must be usable on this processor.
  std::string json; ///< File to write; "-" for stdout; empty: none.
  std::string svg;  ///< File to write; empty: none.
};

/// Measures Grape's segment and stock hnswlib over the same data on one thread each, ef by ef in
/// turn, and prints a table of ratios at equal recall. Reports progress to stderr.
status run_index_bench(const index_bench_options& options);

} // namespace grape::bench
