#pragma once

#include "core/cluster/metadata.hpp"
#include "core/cluster/node_sight.hpp"

#include <doctest/doctest.h>

#include <string>

namespace grape::cluster {

/// Nodes n1..n`nodes`, and a collection `words` of so many shards.
inline metadata small_cluster(std::uint32_t nodes, std::uint32_t shards, std::uint32_t factor) {
  found_cluster founding{"c-1", {}};
  for (std::uint32_t i = 1; i <= nodes; ++i) {
    const auto name = "n" + std::to_string(i);
    founding.founders.push_back({name, name + ":6335", name + ":6333", 1, node_state::active});
  }
  create_collection made{"words", {}};
  made.options.vectors[""].size = 4;
  made.options.shard_number = shards;
  made.options.replication_factor = factor;
  metadata state;
  REQUIRE(state.apply(founding).ok());
  REQUIRE(state.apply(made).ok());
  return state;
}

/// What node `self` sees while all is well: everybody, and each group led by its first voter.
inline node_sight all_is_well(const metadata& state, node_number self) {
  node_sight seen;
  seen.self = self;
  for (const auto& [number, node] : state.nodes())
    if (number != self)
      seen.links[number] = {true, health::alive, 250, {}};
  for (const auto& [group, replicas] : state.groups()) {
    seen.leaders[group] = replicas.replicas.front().node;
    const auto* own = replicas.on(self);
    if (own == nullptr)
      continue;
    raft::peer_status peer;
    peer.role = seen.leaders[group] == self ? raft::role::leader : raft::role::follower;
    peer.term = term{3};
    peer.commit = log_index{12};
    peer.applied = log_index{11};
    peer.last = log_index{14};
    seen.groups[group] = {peer, {}};
    if (own->role != replica_role::witness)
      seen.shards[group] = {70, log_index{11}};
  }
  return seen;
}

inline group_id words_group(const metadata& state, std::uint32_t shard) {
  return state.find("words")->groups.at(shard_id{shard});
}

inline void must(metadata& state, const metadata_command& command) {
  const auto done = state.apply(command);
  REQUIRE_MESSAGE(done.ok(), (done ? std::string{} : done.error().detail));
}

} // namespace grape::cluster
