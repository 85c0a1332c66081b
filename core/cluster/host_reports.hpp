#pragma once

#include "core/cluster/coordinator.hpp"
#include "core/cluster/liveness.hpp"
#include "core/cluster/replica_hosting.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace grape::cluster {

/// What a replica that leads its group says of the group.
struct group_report {
  group_id group;
  grape::term term;            ///< In which it leads.
  raft::configuration members; ///< As it applied them last.
  log_index members_since;     ///< The entry that made them so, or a later one it began with.
  replica_id leader;
  replica_id successor;        ///< A voter with data near the log's end, not itself; 0 = none.
  raft::replica_set following; ///< Learners that lack less than a second of writes.
  std::map<replica_id, std::uint32_t> failures; ///< To send data, in a row; by receiver.
};

/// What a node says every second to whoever leads the metadata group.
struct host_report {
  std::uint64_t incarnation = 0;
  std::uint64_t number = 0;        ///< Counts this incarnation's reports: of two, the later holds.
  std::set<node_number> silent;    ///< Whom it does not hear.
  std::vector<group_report> leads; ///< One for each group whose leader it has.
  // Of replicas that it knows to be on the move, so that thousands that are not cost nothing:
  std::set<held_replica> indexed; ///< Came; their indexes answer as fast as they can.
  std::set<held_replica> gone;    ///< Are to leave, and are on its disk no more.
};

/// Makes one picture of the cluster out of what its nodes say. Knows no clock; not thread-safe.
class host_reports {
public:
  /// `fresh_ms`: how long a report counts.
  explicit host_reports(std::uint64_t fresh_ms)
    : fresh_ms_(fresh_ms) {}

  /// One that is older than what `from` said already is dropped.
  void told(node_number from, host_report what, std::uint64_t now_ms);

  /// For `coordinator::look`. Of two that say they lead a group, the one of the newer term counts.
  /// A node is down if a majority of those says so that vote in the metadata group.
  cluster_sight sight(const metadata& state, std::uint64_t now_ms) const;

private:
  struct saying {
    host_report what;
    std::uint64_t at_ms = 0;
  };

  const host_report* fresh(node_number from, std::uint64_t now_ms) const;
  void look_at(const shard_replicas& group, const group_report& told, std::uint64_t now_ms,
               move_observation& into) const;
  void look_at_move(const shard_move& move, group_id group, std::uint64_t now_ms,
                    move_observation& into) const;

  std::uint64_t fresh_ms_;
  std::map<node_number, saying> sayings_;
  down_reports down_;
};

} // namespace grape::cluster
