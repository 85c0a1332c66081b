#include "core/cluster/replica_hosting.hpp"

#include <algorithm>
#include <charconv>

namespace grape::cluster {

namespace {

bool is_known(const shard_replicas& of, replica_id which) {
  const auto is = [which](const std::optional<replica>& one) { return one && one->id == which; };
  return of.find(which) != nullptr || (of.move && (is(of.move->from) || is(of.move->to)));
}

/// Those on `self` that `side` picks of each move.
template <class Side>
std::set<held_replica> moving_with(const metadata& state, node_number self, Side side) {
  std::set<held_replica> all;
  for (const auto& [group, replicas] : state.groups())
    if (replicas.move)
      if (const std::optional<replica> one = side(*replicas.move); one && one->node == self)
        all.insert({group, one->id});
  return all;
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

std::set<held_replica> leaving_replicas(const metadata& state, node_number self) {
  return moving_with(state, self, [](const shard_move& move) {
    return move.stage == move_stage::leaving   ? move.from
           : move.stage == move_stage::undoing ? move.to
                                               : std::nullopt;
  });
}

std::set<held_replica> arriving_replicas(const metadata& state, node_number self) {
  return moving_with(state, self, [](const shard_move& move) { return move.to; });
}

std::vector<std::string> forgotten_replicas(const metadata& state, node_number self, group_id group,
                                            const std::vector<std::string>& names) {
  const auto found = state.groups().find(group);
  std::vector<std::string> out;
  if (found == state.groups().end())
    return out;
  const auto& of = found->second;
  const auto is_here = [self](const replica& one, replica_id which) {
    return one.id == which && one.node == self;
  };
  for (const auto& name : names) {
    replica_id which{};
    const auto* end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data(), end, which.value);
    if (parsed.ec != std::errc{} || parsed.ptr != end || which == replica_id{})
      continue;
    const auto is = [&](const auto& one) { return one && is_here(*one, which); };
    const auto* member = of.find(which);
    if (!(member != nullptr && is_here(*member, which))
        && !(of.move && (is(of.move->from) || is(of.move->to))))
      out.push_back(name);
  }
  return out;
}

bool is_settled(const replica_plan& plan) {
  return plan.end.empty() && std::all_of(plan.begin.begin(), plan.begin.end(), [](const auto& one) {
           return one.which.group == metadata_group;
         });
}

} // namespace grape::cluster
