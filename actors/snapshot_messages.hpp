#pragma once

#include "core/ids.hpp"
#include "core/raft/message.hpp"

#include <string>

/// What SNAPSHOTS and the RAFT_GROUPs of a node say to each other.
namespace grape::actors {

/// To SNAPSHOTS: a follower is behind the log of this group. Answered by a `snapshot_sent`.
struct snapshot_wanted {
  group_id group;
  replica_id to;
  node_number node;
};

/// To RAFT_GROUP: the stream to a follower has ended.
struct snapshot_sent {
  replica_id to;
  bool arrived = false;
};

/// To SNAPSHOTS: this replica leads no more, or in another term; its streams are void.
struct snapshots_void {
  group_id group;
};

/// To RAFT_GROUP: the message for a follower that got the state at `index`. Refused where this
/// replica does not lead, or does not know yet that so much is applied.
struct snapshot_message_request {
  replica_id to;
  log_index index;
};

struct snapshot_message {
  raft::message what;
};

/// To RAFT_GROUP: the state that this message stands for is staged in a folder of the replica.
/// Answered when the log says so durably; refused as `stale_route` if nobody needs it any more.
/// After it the whole family begins anew.
struct snapshot_staged {
  raft::message what;
  std::string folder;
};

} // namespace grape::actors
