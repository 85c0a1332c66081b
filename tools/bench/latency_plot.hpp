#pragma once

#include "tools/bench/ingest_bench.hpp"

#include <string>

namespace grape::bench {

/// Time (to the right) against the latency of searches (upwards, logarithmic): p50, p95 and p99 of
/// each second, p95 of the idle node and three times it, and behind them how many rows the node
/// held and had in graphs. A complete SVG document.
std::string latency_plot(const ingest_result& of);

} // namespace grape::bench
