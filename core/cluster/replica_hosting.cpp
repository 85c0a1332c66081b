#include "core/cluster/replica_hosting.hpp"

#include <algorithm>
#include <utility>

namespace grape::cluster {

namespace {

/// The members that the group began with, if it still goes by them as far as is committed here.
raft::configuration members_at_first(const shard_replicas& of) {
  raft::configuration members;
  if (of.epoch != epoch{1})
    return members;
  for (const auto& each : of.replicas) {
    if (each.role == replica_role::learner)
      continue;
    members.voters.push_back(each.id);
    if (each.role == replica_role::witness)
      members.witnesses.push_back(each.id);
  }
  return members;
}

bool is_known(const shard_replicas& of, replica_id which) {
  const auto is = [which](const std::optional<replica>& one) { return one && one->id == which; };
  return of.find(which) != nullptr || (of.move && (is(of.move->from) || is(of.move->to)));
}

} // namespace

replica_plan plan_replicas(const metadata& state, node_number self,
                           const std::set<held_replica>& held,
                           const std::set<held_replica>& deleted) {
  replica_plan plan;
  for (const auto& [group, replicas] : state.groups()) {
    const auto* mine = replicas.on(self);
    if (mine == nullptr)
      continue;
    const held_replica which{group, mine->id};
    if (held.contains(which) || deleted.contains(which))
      continue;
    auto first = members_at_first(replicas);
    if (!raft::contains(first.voters, mine->id))
      first = {};
    plan.begin.push_back({which, std::move(first)});
  }
  for (const auto& which : held) {
    const auto found = state.groups().find(which.group);
    if (found == state.groups().end() || !is_known(found->second, which.id))
      plan.end.push_back(which);
  }
  return plan;
}

} // namespace grape::cluster
