#pragma once

#include "core/raft/output.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace grape::raft {

/// How the leader feeds a follower: one append at a time until it is known where the logs meet;
/// many on their way; or none, while a snapshot travels.
enum class progress_state : std::uint8_t { probe, replicate, snapshot };

struct progress_status {
  replica_id which;
  progress_state state{};
  log_index match;
  log_index next;
  bool paused = false; ///< No append leaves now.
  std::size_t inflight = 0;
  log_index pending_snapshot; ///< 0 = none.
};

/// A moment of a peer, for status pages, drivers and invariants. Cheap but for `progress`.
struct peer_status {
  raft::role role{};
  grape::term term;
  replica_id vote;
  replica_id leader;
  replica_id transferee;
  log_index commit;
  log_index applied;
  log_index durable; ///< Up to here the log is written, as far as the peer was told.
  /// Known to be committed even after a restart. A removed voter may be stopped for good when this
  /// covers its removal at every member that is left: until then one may still need its vote.
  log_index settled;
  log_index first;
  log_index last;
  grape::term last_term;
  configuration members;              ///< The applied one.
  log_index pending_change;           ///< Leader only: no change is taken before this is applied.
  std::vector<progress_status> progress; ///< Leader only, itself included, ascending.
  std::size_t pending_reads = 0;
  std::size_t uncommitted_bytes = 0;
  std::size_t held_messages = 0; ///< Waiting for a write.
  bool failed = false;
  bool asleep = false;
};

} // namespace grape::raft
