#pragma once

#include "core/outcome.hpp"
#include "tools/bench/http_connection.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace grape::bench {

/// What to do to a node.
struct load_plan {
  http_address to;
  std::span<const std::string> requests; ///< Whole requests, sent in turn; not empty.
  /// Requests per second. They come due by chance (Poisson) whether or not earlier ones were
  /// answered. 0: a closed loop, every connection asks again as soon as it was answered.
  double rate = 0;
  double seconds = 1;
  std::size_t connections = 1; ///< At least 1; each carries one request at a time.
  std::uint64_t seed = 1;
  /// Once true, nothing more comes due; `seconds` is then only the most there is.
  const std::atomic<bool>* enough = nullptr;
};

/// One request that was answered.
struct load_sample {
  float due_s = 0;     ///< When it should have been sent, since the beginning.
  float latency_s = 0; ///< From then until its answer was there.
  std::uint16_t status = 0; ///< 0: the connection broke.
  bool retry_after = false; ///< The answer says when to come again.
};

struct load_result {
  double seconds = 0;            ///< As planned, or until there was enough.
  std::vector<load_sample> samples;
  std::uint64_t unanswered = 0;  ///< Came due, and had no answer 2 s after the end.
  double generator_cpu_s = 0;    ///< Spent by this program itself.
};

/// Loads a node from one thread. In an open loop a slow answer delays no later request's due time,
/// so waiting is counted in full (no coordinated omission); requests wait here while every
/// connection is busy. Errors: io_error if the connections cannot be made.
outcome<load_result> run_load(const load_plan& plan);

} // namespace grape::bench
