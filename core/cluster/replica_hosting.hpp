#pragma once

#include "core/cluster/metadata.hpp"
#include "core/raft/configuration.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace grape::cluster {

/// A replica on the disk of a node.
struct held_replica {
  group_id group;
  replica_id id;

  friend auto operator<=>(const held_replica&, const held_replica&) = default;
};

/// One replica that a node is to begin with, empty.
struct replica_start {
  held_replica which;

  /// As `first_members` says. Nothing: it knows no member, and is told by whoever leads the group.
  std::optional<raft::configuration> first;
};

/// What a node has to begin and to delete so that it holds the replicas that are its own.
struct replica_plan {
  std::vector<replica_start> begin;
  std::vector<held_replica> end;
};

/// What node `self` has to change; nothing as long as `state` knows no cluster, since the metadata
/// group has replicas before it has said so. `state` is never older than the one that it acted on
/// before, also not after a restart: a replica that was deleted because its group did without it
/// must not be begun again by who has forgotten that. For the same reason `deleted`, all that were
/// ever deleted there, never come back. Whoever leaves, or came in vain, stays until the driver of
/// its move has it deleted.
replica_plan plan_replicas(const metadata& state, node_number self,
                           const std::set<held_replica>& held,
                           const std::set<held_replica>& deleted);

/// What lies on the disk of `self` of replicas that leave, or came in vain, is theirs until the
/// driver of their move has it deleted, also after a restart, which does not begin them again.
std::set<held_replica> leaving_replicas(const metadata& state, node_number self);

/// Those that moves bring to `self`.
std::set<held_replica> arriving_replicas(const metadata& state, node_number self);

/// Of the replicas of `group` whose folders have these names, those that `self` surely does
/// without: no member and no move knows them. `state` is never older than the one that made any.
std::vector<std::string> forgotten_replicas(const metadata& state, node_number self, group_id group,
                                            const std::vector<std::string>& names);

/// Of what a plan is made, told apart by numbers: the same again, and the same plan comes of it.
struct hosting_basis {
  epoch known;              ///< Of the control plane's state.
  std::uint64_t hosted = 0; ///< Changes so far of what is held.
  std::size_t deleted = 0;  ///< Replicas so far.
  bool sure = false;        ///< Replicas may begin with an empty folder.

  friend bool operator==(const hosting_basis&, const hosting_basis&) = default;
};

/// Nothing is left to be done for the shards: as long as the basis stays, no other plan comes. The
/// metadata group's own replica does not count, since META sees to it.
bool is_settled(const replica_plan& plan);

} // namespace grape::cluster
