#pragma once

#include "core/status.hpp"

#include <cstddef>

namespace CLI {
class App;
}

namespace grape::bench {

struct raft_bench_options {
  double seconds = 2.0; ///< Of each of the two parts.
  std::size_t batch = 64;
  std::size_t payload_bytes = 256;
};

/// Prints entries per second through three peers in memory, and how many seconds of an idle group
/// of five (ticks of 100 ms, a heartbeat each) pass per second. One thread.
status run_raft_bench(const raft_bench_options& options);

/// Adds `grape-bench raft`; see add_storage.
void add_raft(CLI::App& to, status& done);

} // namespace grape::bench
