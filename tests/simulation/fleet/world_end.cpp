#include "tests/simulation/fleet/world.hpp"

#include <algorithm>

namespace grape::fleet {

namespace {

constexpr instant patience = 240 * second;

std::string named(group_id group) {
  return "group " + std::to_string(group.value) + " ";
}

} // namespace

/// The storm is over: all disks that are left have peace from now on, and within `patience` all
/// must be as it should be.
void world::heal() {
  calm_ = true;
  say("calm");
  net_.calm();
  auto& how = how_.how;
  how.write_mean = std::min<instant>(how.write_mean, 2 * millisecond);
  how.stream_mean = std::min<instant>(how.stream_mean, 200 * millisecond);
  how.think_mean = std::min<instant>(how.think_mean, 100 * millisecond);
  for (const auto& each : hosts_) {
    resume(*each);
    start(*each);
  }
  const auto since = agenda_.now();
  auto left = unfinished();
  while (!left.empty() && agenda_.now() < since + patience) {
    const auto end = agenda_.now() + second;
    while (agenda_.step(end)) {}
    left = unfinished();
  }
  if (!left.empty())
    throw violation("fleet_liveness", left);
  say("well");
}

/// What is not as it should be; empty: all is well.
std::string world::unfinished() const {
  if (auto left = unfinished_nodes(); !left.empty())
    return left;
  const auto where = control_->placement();
  for (const auto& [group, replicas] : control_->groups())
    if (auto left = unfinished_group(replicas, where.groups.at(group).factor); !left.empty())
      return named(group) + left;
  for (const auto& each : hosts_)
    for (const auto& [which, resident] : each->residents) {
      const auto group = control_->groups().find(which.group);
      if (!each->lost
          && (group == control_->groups().end() || group->second.find(which.id) == nullptr))
        return named(which.group) + "left a replica behind on " + each->name;
    }
  return unfinished_clients();
}

std::string world::unfinished_nodes() const {
  if (control_->collections().empty())
    return "there is no collection";
  for (const auto& each : hosts_)
    if (!each->up && !each->lost)
      return each->name + " is down";
  for (const auto& [number, node] : control_->nodes()) {
    if (number.value > hosts_.size())
      return "node " + std::to_string(number.value) + " was not welcomed";
    if (node.state != cluster::node_state::active && node.state != cluster::node_state::removed)
      return "node " + std::to_string(number.value) + " is " + std::string{to_string(node.state)};
    if (node.state == cluster::node_state::active && hosts_[number.value - 1]->lost)
      return "node " + std::to_string(number.value) + " was not replaced";
  }
  return {};
}

std::string world::unfinished_group(const cluster::shard_replicas& group,
                                    std::size_t factor) const {
  if (group.move)
    return "moves, at stage " + std::to_string(static_cast<int>(group.move->stage));
  const auto where = control_->placement();
  std::size_t accepting = 0;
  for (const auto& [number, node] : where.nodes)
    accepting += node.accepts ? 1 : 0;
  const auto placed = group.placed(factor);
  if (placed.data.size() != std::min(factor, accepting))
    return "has " + std::to_string(placed.data.size()) + " replicas";
  if (placed.witness.has_value() != (factor % 2 == 0 && accepting > factor))
    return placed.witness ? "has a witness" : "has no witness";
  const auto& laws = *laws_.at(group.group);
  if (laws.members().joint() || laws.members().members().size() != group.replicas.size())
    return "has other members than are committed";
  std::size_t leaders = 0;
  for (const auto& each : group.replicas) {
    if (!raft::contains(laws.members().voters, each.id))
      return "has other voters than are committed";
    const auto* found = find({group.group, each.id});
    if (found == nullptr || hosts_[found->number]->number() != each.node)
      return "has no replica on node " + std::to_string(each.node.value);
    if (!found->up() || found->state.applied != laws.last_committed())
      return "has not applied all on node " + std::to_string(each.node.value);
    leaders += found->before.role == raft::role::leader ? 1 : 0;
  }
  return leaders == 1 ? "" : "has " + std::to_string(leaders) + " leaders";
}

std::string world::unfinished_clients() const {
  for (const auto& each : clients_)
    if (!each.finished_calm)
      return each.reads ? "a read waits" : "a write waits";
  return {};
}

} // namespace grape::fleet
