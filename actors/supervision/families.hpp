#pragma once

#include "actors/shard_place.hpp"
#include "actors/supervision/supervisor.hpp"

namespace grape::actors {

/// The tree of care as data.

/// The root floor: everything a node has, in the order in which it starts.
floor_plan node_floor(const std::shared_ptr<house>& home);

/// The floor of what speaks to other nodes. Needs `home->remote`.
child_plan peers_child(const std::shared_ptr<house>& home);

/// The PEER_LINK to node `peer` at `address`, a child of that floor: role::peers adds it, and ends
/// it by the dismissal of "link <number>".
child_plan link_child(const std::shared_ptr<house>& home, node_number peer,
                      const std::string& address);

/// The family of one shard replica: STORAGE, REPLICA, RAFT_GROUP in a cluster, INDEXER; each leans
/// on the one before. Of a witness: WITNESS and RAFT_GROUP.
child_plan shard_family(const std::shared_ptr<house>& home,
                        const std::shared_ptr<const shard_place>& place);

/// The door beside it, which outlives its renewals.
child_plan shard_door(const std::shared_ptr<house>& home,
                      const std::shared_ptr<const shard_place>& place);

/// How many ROUTERs, and how many GATEWAYs, a node has.
inline constexpr std::size_t routers = 2;

} // namespace grape::actors
