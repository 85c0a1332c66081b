#pragma once

#include "core/cluster/shard_replicas.hpp"
#include "core/raft/configuration.hpp"

#include <cstdint>
#include <optional>
#include <variant>

namespace grape::cluster {

/// What is known of a replica set whose move is driven. All of it may be old: the members refuse
/// what no longer fits, and the next look tells.
struct move_observation {
  bool has_leader = false;     ///< One answered lately. If not, `members` and `leader` say nothing.
  raft::configuration members; ///< As the leader applied them last.
  log_index members_since;     ///< The entry that made them so.
  replica_id leader;
  std::optional<replica_id>
      successor;            ///< A voter with data, near the log's end, that is not leader.
  bool follows = false;     ///< The newcomer lacks less than a second of writes.
  bool indexed = false;     ///< It answers as fast as the others would.
  bool deleted = false;     ///< Whoever leaves (or the newcomer, when undoing) has no data left.
  bool unreachable = false; ///< That node is removed, or down for long: it deletes when it returns.
  std::uint32_t failures = 0; ///< Attempts of the newcomer to get its data that failed in a row.
  std::uint64_t stage_ms = 0; ///< Since this stage was seen first.
};

struct migration_options {
  std::uint32_t failures_max = 3;  ///< Then the move is undone.
/// For so long who left still tells where its shard went. Longer than a leader takes to know
  /// for good, also after a restart, what it has applied.
  std::uint64_t grace_ms = 60'000;
  std::uint64_t hand_over_ms =
      2'000; ///< For so long a leader that leaves tries to hand over first.
};

/// Nothing to do now: look again soon.
struct wait_for_news {};

/// To propose to the group, whose leader refuses it once its members are newer than `based_on`:
/// what a driver that is long replaced wanted must not undo what its successors did.
struct change_members {
  raft::configuration_change change;
  log_index based_on;
};

/// The newcomer is to build its indexes.
struct build_indexes {
  replica where;
};

/// The leader is to hand over to this voter.
struct hand_leadership_over {
  replica_id to;
};

/// To commit in the metadata group: `shard_replicas::advance`.
struct record_stage {
  move_stage stage;
};

/// That node is to delete the replica's data.
struct delete_replica {
  replica which;
};

/// To commit in the metadata group: `shard_replicas::finish`.
struct record_end {};

using migration_action =
    std::variant<wait_for_news, change_members, build_indexes, hand_leadership_over, record_stage,
                 delete_replica, record_end>;

/// The next action of the move of `of`, which must have one. Knows only what is committed and what
/// is seen, so any node can go on where another one died; each action may be repeated.
migration_action next_action(const shard_replicas& of, const move_observation& seen,
                             const migration_options& options);

/// What to propose to a group whose replica set no move changes, if it has learners that the
/// metadata group does not know: left by a driver that was late. Nothing: all is well.
std::optional<change_members> mend_members(const shard_replicas& of, const move_observation& seen);

} // namespace grape::cluster
