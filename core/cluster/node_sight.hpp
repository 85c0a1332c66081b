#pragma once

#include "core/cluster/liveness.hpp"
#include "core/ids.hpp"
#include "core/raft/peer_status.hpp"
#include "core/status.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace grape::cluster {

/// The connection to another node, and what is thought of that node.
struct link_sight {
  bool connected = false;
  health is = health::alive;
  std::uint64_t rtt_us = 0; ///< Smoothed; 0 = not measured yet.
  std::string last_error;   ///< Why it is not connected.
};

/// A replica of a Raft group on this node.
struct group_sight {
  std::optional<raft::peer_status> peer; ///< Nothing: it has not begun, or is out of service.
  status failed;                         ///< Not ok: out of service, and why.
};

/// A shard's replica on this node that shows something.
struct shown_shard {
  std::uint64_t points = 0;
  log_index applied;
};

/// What one node sees of the cluster, beyond what the control plane has committed. May be old.
struct node_sight {
  node_number self{1};
  std::map<node_number, link_sight> links;      ///< To the others.
  std::map<group_id, node_number> leaders;      ///< As far as they are known.
  std::map<group_id, group_sight> groups;       ///< Of the replicas here.
  std::map<group_id, shown_shard> shards;       ///< Of the replicas here that show something.
  std::map<group_id, std::uint64_t> stage_ms;   ///< How long the move of a group is where it is.
  std::optional<std::uint64_t> disk_free_bytes; ///< Nothing: unknown.

  /// Whether that node can be asked from here.
  bool reaches(node_number node) const {
    const auto at = links.find(node);
    return node == self
           || (at != links.end() && at->second.connected && at->second.is != health::silent);
  }
};

} // namespace grape::cluster
