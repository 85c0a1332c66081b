#pragma once

#include "core/cluster/metadata.hpp"
#include "core/cluster/node_sight.hpp"
#include "core/request/cluster.hpp"

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

namespace grape::cluster {

struct health_limits {
  std::uint64_t stage_ms_max = 300'000;           ///< A move that is longer at one stage is stuck.
  std::uint64_t disk_free_bytes_min = 1ull << 30; ///< With less, the disk is as good as full.
};

/// What is not as it should be, as one node sees it; critical findings first, else in the order of
/// nodes and shards. Empty: all is well. A node that is alone has no cluster to find fault with.
///
/// kind                      | how bad  | means
/// node_away                 | warning  | a majority does not hear it
/// node_down                 | critical | so long that its replicas are being replaced
/// node_not_connected        | warning  | this node has no connection to one that should be there
/// shard_without_majority    | critical | too few of its voters can be reached: no writes
/// shard_without_leader      | critical | its replica here knows no leader
/// shard_under_replicated    | warning  | fewer replicas in service than wanted, and than nodes
/// shard_without_witness     | warning  | an even number of replicas: half of them stop writes
/// replica_out_of_service    | critical | the replica here needs a person
/// move_stuck                | warning  | at one stage for too long
/// disk_full                 | critical | hardly any room is left here
std::vector<finding> check_health(const metadata& state, const node_sight& seen,
                                  const health_limits& limits);

/// How long each move has been at its stage, as one observer saw it. Knows no clock; not
/// thread-safe.
class move_ages {
public:
  /// Call it about once a second; `now_ms` never runs backwards.
  void look(const metadata& state, std::uint64_t now_ms);

  /// By group.
  std::map<group_id, std::uint64_t> stage_ms(std::uint64_t now_ms) const;

private:
  using stage_key = std::tuple<group_id, move_number, move_stage>;

  std::map<stage_key, std::uint64_t> since_ms_;
};

} // namespace grape::cluster
