#include "core/cluster/replica_hosting.hpp"

#include <algorithm>

namespace grape::cluster {

namespace {

bool is_known(const shard_replicas& of, replica_id which) {
  const auto is = [which](const std::optional<replica>& one) { return one && one->id == which; };
  return of.find(which) != nullptr || (of.move && (is(of.move->from) || is(of.move->to)));
}

} // namespace

replica_plan plan_replicas(const metadata& state, node_number self,
                           const std::set<held_replica>& held,
                           const std::set<held_replica>& deleted) {
  replica_plan plan;
  if (state.cluster_id().empty())
    return plan;
  for (const auto& [group, replicas] : state.groups()) {
    const auto* mine = replicas.on(self);
    if (mine == nullptr)
      continue;
    const held_replica which{group, mine->id};
    if (held.contains(which) || deleted.contains(which))
      continue;
    plan.begin.push_back({which, first_members(replicas, mine->id)});
  }
  for (const auto& which : held) {
    const auto found = state.groups().find(which.group);
    if (found == state.groups().end() || !is_known(found->second, which.id))
      plan.end.push_back(which);
  }
  return plan;
}

bool is_settled(const replica_plan& plan) {
  return plan.end.empty() && std::all_of(plan.begin.begin(), plan.begin.end(), [](const auto& one) {
           return one.which.group == metadata_group;
         });
}

} // namespace grape::cluster
