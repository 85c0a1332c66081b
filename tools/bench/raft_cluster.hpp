#pragma once

#include "core/outcome.hpp"
#include "tools/bench/metrics_histogram.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace grape::bench {

/// What `grape-bench raft --cluster` is told.
struct raft_cluster_options {
  std::string folder; ///< For the cluster; made, and removed in the end.
  double seconds = 5; ///< Of writes by one client.
  std::uint32_t kills = 10;
};

struct raft_cluster_figures {
  bucket_counts commit;           ///< As the leader measured: proposal to commit.
  bucket_counts leaderless;       ///< As the survivors measured after each kill.
  std::vector<double> write_s;    ///< Of one client, one after the other.
  std::vector<double> failover_s; ///< From SIGKILL of the leader to an answered write, elsewhere.
};

/// Three real nodes by `grapectl dev`, one shard of three replicas: one client writes, then the
/// leader is killed again and again. Errors: io_error, internal with what a node answered.
outcome<raft_cluster_figures> measure_raft_cluster(const raft_cluster_options& options);

} // namespace grape::bench
