#pragma once

#include "core/status.hpp"
#include "tools/bench/http_bare.hpp"
#include "tools/bench/http_figures.hpp"
#include "tools/bench/http_queries.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace grape::bench {

/// What `grape-bench http` is told.
struct http_bench_options {
  std::string url = "http://127.0.0.1:6333";
  std::string collection; ///< Empty: one is made from the sample, compared, and removed again.
  std::string sample;     ///< Folder of the shipped words.
  query_style how;
  double rate = 0;    ///< Queries per second, open loop; 0: half of the capacity.
  double seconds = 5; ///< Of the load at that rate.
  std::size_t connections = 64;
  bool ramp = false; ///< Look for the capacity first, in a closed loop.
  int process = 0;   ///< Of the node; 0: whoever listens on the port here, if anybody.
  std::uint64_t seed = 1;
  std::string json; ///< File to write; "-" for stdout; empty: none.
};

/// One step of the search for the capacity.
struct ramp_step {
  std::size_t connections = 0;
  load_figures figures;
};

/// Where a query's processor time on the node goes, in microseconds.
struct cost_breakdown {
  bare_costs bare;
  double http_us = 0;    ///< GET /livez: the transport alone.
  double null_us = 0;    ///< A query over a collection of one point: transport, JSON, actors.
  double recall = 0;     ///< recall@10 of the measured queries over HTTP.
};

struct http_bench_result {
  std::uint64_t points = 0;
  std::uint64_t segments = 0;
  std::vector<ramp_step> ramp;
  double capacity_per_s = 0; ///< 0: not looked for.
  double rate = 0;
  load_figures load;
  std::optional<double> idle_cores;    ///< What the node uses when nobody asks.
  std::optional<double> server_cpu_us; ///< Per answered request of the load.
  std::map<std::string, double> server_cpu_us_by_thread; ///< The same by the threads' names.
  std::optional<std::uint64_t> resident_bytes;
  std::optional<cost_breakdown> breakdown;
};

/// Loads a running node and prints what came of it. Progress goes to stderr. Errors: io_error, or
/// the node's refusal.
status run_http_bench(const http_bench_options& options);

} // namespace grape::bench
