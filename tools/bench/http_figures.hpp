#pragma once

#include "tools/bench/http_load.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace grape::bench {

/// How long requests took, from the moment at which they came due. Milliseconds; 0 if there were
/// none.
struct latency_figures {
  std::uint64_t count = 0;
  double p50_ms = 0;
  double p90_ms = 0;
  double p95_ms = 0;
  double p99_ms = 0;
  double p999_ms = 0;
  double max_ms = 0;
};

/// What came due within one second of the load.
struct load_slice {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0; ///< Any answer but 200, and broken connections.
  double p99_ms = 0;         ///< Of the accepted.
};

/// What a load amounts to.
struct load_figures {
  double seconds = 0;
  double accepted_per_s = 0; ///< Answered 200.
  double offered_per_s = 0;
  latency_figures accepted;
  std::map<unsigned, std::uint64_t> by_status; ///< 0: the connection broke.
  std::uint64_t without_retry_after = 0; ///< 503 that do not say when to come again.
  std::uint64_t unanswered = 0;
  double generator_cores = 0; ///< How much of a core this program needed for it.
  std::vector<load_slice> slices; ///< One per whole second.
};

/// Of latencies in seconds, in any order.
latency_figures latencies(std::vector<float> seconds);

load_figures figures_of(const load_result& result);

} // namespace grape::bench
