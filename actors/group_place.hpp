#pragma once

#include "actors/house.hpp"
#include "core/cluster/shard_replicas.hpp"
#include "core/raft/configuration.hpp"

#include <memory>
#include <optional>
#include <string>

namespace grape::actors {

/// Which replica of which group a RAFT_GROUP is. Constant for its host's life.
struct group_place {
  group_id group;
  replica_id self;
  std::string name; ///< "words/0", for people.
  bool is_witness = false; ///< Votes and keeps the log, holds no data.
  std::uint32_t batch_size = 0; ///< Most entries of one message to a follower; 0 = no limit.

  /// The members that the group began with, if this is one of them and the group has had no others:
  /// then it may begin with an empty log. Any other replica gets its state from the leader.
  std::optional<raft::configuration> first_members;
};

/// The replica of a group on this node, as the control plane has it. Needs one.
std::shared_ptr<const group_place> group_place_of(const cluster::shard_replicas& replicas,
                                                  node_number self, std::string name,
                                                  std::uint32_t batch_size = 0);

/// The log of a group begins after this entry, which stands for its first members.
inline constexpr log_index first_entry{1};

} // namespace grape::actors
