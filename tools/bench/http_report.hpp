#pragma once

#include "core/status.hpp"
#include "tools/bench/http_bench.hpp"

namespace grape::bench {

/// Prints tables for a person (to stderr if stdout gets the JSON), and writes the JSON if asked.
status report(const http_bench_options& options, const http_bench_result& result);

} // namespace grape::bench
