#pragma once

#include "core/status.hpp"
#include "tools/bench/storage_bench.hpp"

namespace grape::bench {

/// Prints tables for a person (to stderr if stdout gets the JSON), and writes the JSON if asked.
/// `result.folder` must still exist.
status report(const storage_bench_options& options, const storage_bench_result& result);

} // namespace grape::bench
