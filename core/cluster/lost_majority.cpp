#include "core/cluster/lost_majority.hpp"

#include <algorithm>
#include <utility>

namespace grape::cluster {

namespace {

status refused(std::string why) {
  return {errc::bad_request, std::move(why)};
}

std::string name_of(const metadata& state, node_number node) {
  const auto at = state.nodes().find(node);
  return "`" + (at == state.nodes().end() ? std::to_string(node.value) : at->second.name) + "`";
}

outcome<std::set<node_number>> numbers_of(const metadata& state, node_number self,
                                          const std::set<node_number>& connected,
                                          const std::vector<std::string>& names) {
  std::set<node_number> gone;
  for (const auto& name : names) {
    const auto number = state.find_node(name);
    if (!number)
      return status{errc::not_found, "there is no node `" + name + "`"};
    if (*number == self || connected.contains(*number))
      return refused("node `" + name + "` is up and connected: it is not lost");
    gone.insert(*number);
  }
  return gone;
}

/// Who votes in a group, and who of them is left.
struct voters {
  std::size_t all = 0;
  std::vector<replica> left; ///< Witnesses too.
};

voters voters_of(const shard_replicas& of, const metadata& state,
                 const std::set<node_number>& gone) {
  voters found;
  for (const auto& each : of.replicas) {
    if (each.role == replica_role::learner)
      continue;
    ++found.all;
    const auto node = state.nodes().find(each.node);
    const auto is_removed =
        node != state.nodes().end() && node->second.state == node_state::removed;
    if (!gone.contains(each.node) && !is_removed)
      found.left.push_back(each);
  }
  return found;
}

/// What the control plane itself allows: its last copy must be here.
status check_control_plane(const metadata& state, node_number self,
                           const std::set<node_number>& connected, const voters& control) {
  for (const auto& each : control.left)
    if (each.node != self && !connected.contains(each.node))
      return refused("node " + name_of(state, each.node)
                     + " does not answer either: name it as well if its disk is lost, or start it");
  if (2 * control.left.size() > control.all)
    return refused("the control plane has a majority without them: run `grapectl node replace` "
                   "for each of them, without --lost-majority");
  if (control.left.empty())
    return refused("no copy of the control plane is left");
  if (control.left.size() > 1)
    return refused("more than one copy of the control plane is left: which of them is the newest "
                   "cannot be decided yet");
  if (control.left.front().node != self)
    return refused("the last copy of the control plane is on node "
                   + name_of(state, control.left.front().node) + ": ask that one");
  return {};
}

} // namespace

outcome<lone_survival> plan_lone_survival(const metadata& state, node_number self,
                                          const std::set<node_number>& connected,
                                          const std::vector<std::string>& lost) {
  const auto gone = numbers_of(state, self, connected, lost);
  if (!gone)
    return gone.error();
  const auto control = state.groups().find(metadata_group);
  if (control == state.groups().end())
    return status{errc::unavailable, "the control plane is not ready yet here"};
  if (auto allowed =
          check_control_plane(state, self, connected, voters_of(control->second, state, *gone));
      !allowed.ok())
    return allowed;
  lone_survival plan;
  for (const auto& [group, replicas] : state.groups()) {
    const auto found = voters_of(replicas, state, *gone);
    if (2 * found.left.size() > found.all)
      continue;
    std::vector<replica> data;
    std::copy_if(found.left.begin(), found.left.end(), std::back_inserter(data),
                 [](const replica& each) { return each.role == replica_role::voter; });
    if (data.empty())
      plan.lost.push_back(group);
    else if (data.size() > 1 || data.front().node != self)
      return refused("group " + std::to_string(group.value) + " has its last copies elsewhere ("
                     + name_of(state, data.front().node)
                     + "): to go on from those is not available yet");
    else
      plan.alone.emplace(group, data.front().id);
  }
  for (const auto number : *gone) {
    auto next = state.nodes().at(number);
    next.state = node_state::expected;
    next.incarnation = 0;
    next.disk = 0;
    plan.replaced.emplace_back(replace_node{std::move(next)});
  }
  return plan;
}

} // namespace grape::cluster
