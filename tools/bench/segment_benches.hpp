#pragma once

#include "core/status.hpp"
#include "tools/bench/index_bench.hpp"

namespace CLI {
class App;
}

namespace grape::bench {

/// What a segment takes per row, code by code: by the formula, and what it says itself.
status run_memory_bench(const index_bench_options& options);

/// Searches a segment that `build` or `index` left behind, with its vectors in mapped pages and
/// without the data set in memory: meant to be run under a memory limit. Tells recall, rates, and
/// memory of its own against the formula.
status run_mapped_bench(const index_bench_options& options);

/// Searches with filters of several selectivities, random ones and such as go with nearness (the
/// first rows of the data), against a scan over the codes of the rows that pass. `efs` has one.
status run_filter_bench(const index_bench_options& options);

/// Builds Grape's segment and stock hnswlib's index in turn, and tells rows per second of processor
/// time of all threads, and the recall of both at each of `efs`.
status run_build_bench(const index_bench_options& options);

/// Adds `grape-bench memory`, `mapped`, `filter` and `build`. The chosen one runs while the command
/// line is parsed, and `done` says how it went; `done` must outlive the parsing.
void add_segment_benches(CLI::App& to, const std::string& stock_program, status& done);

} // namespace grape::bench
