#pragma once

#include "core/status.hpp"
#include "tools/bench/raft_cluster.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace grape::bench {

/// What `grape-bench raft` is told.
struct raft_bench_options {
  std::string folder; ///< Where the log is written; a folder of its own is made and removed.
                      ///< Empty: the system's for temporary files.
  double seconds = 3; ///< For each way.
  bool cluster = false; ///< Three real nodes, and nothing else.
  std::uint32_t kills = 10; ///< Of that cluster's leader.
  std::string json;   ///< File to write; "-" for stdout; empty: none.
};

/// Entries through three peers in memory, until all three applied them.
struct core_figures {
  std::size_t entry_bytes = 0;
  std::uint64_t entries = 0;
  double cpu_s = 0; ///< Of the one thread that runs all three.

  double per_s() const noexcept { return static_cast<double>(entries) / cpu_s; }
};

/// Entries of 100 bytes made durable: every group writes one entry and its hard state per sync.
struct log_figures {
  std::size_t groups = 0;
  std::uint64_t entries = 0;
  std::uint64_t syncs = 0;
  double seconds = 0;
};

/// What groups without work cost.
struct idle_figures {
  bool hibernates = false;
  std::size_t groups = 0;
  double ticks = 0;
  double cpu_s = 0;
  std::uint64_t messages = 0;
};

struct raft_bench_result {
  std::string folder;
  double disk_syncs_per_s = 0; ///< A file that grows by 4 KiB before each fdatasync.
  std::vector<core_figures> cores;
  std::vector<log_figures> logs;
  std::vector<idle_figures> idle;
};

/// Measures peers, the log under them and groups that do nothing. Errors: io_error, no_space.
status run_raft_bench(const raft_bench_options& options);

/// Prints a result, and writes it where --json said. Error: io_error.
status report(const raft_bench_options& options, const raft_bench_result& result);
status report(const raft_bench_options& options, const raft_cluster_figures& figures);

} // namespace grape::bench
