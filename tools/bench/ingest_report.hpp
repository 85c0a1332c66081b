#pragma once

#include "tools/bench/ingest_bench.hpp"

namespace grape::bench {

/// Prints the result and writes what --json and --svg ask for. Error: io_error.
status report(const ingest_options& options, const ingest_result& result);

} // namespace grape::bench
