// What the cluster itself changes in the control plane: nodes, and where replicas are.

#include "core/cluster/metadata_change.hpp"

#include "core/cluster/descriptor_budget.hpp"

#include <algorithm>
#include <utility>

namespace grape::cluster {

namespace {

/// An odd number that outlives two nodes where there are enough, else one.
std::size_t control_factor(std::size_t nodes) {
  return nodes >= 5 ? 5 : nodes >= 3 ? 3 : 1;
}

std::string named(node_number number, const node_entry& node) {
  return "node " + std::to_string(number.value) + " `" + node.name + "`";
}

bool has_replica(const metadata& state, node_number node) {
  return std::any_of(state.groups().begin(), state.groups().end(),
                     [node](const auto& group) { return group.second.on(node) != nullptr; });
}

std::size_t nodes_left(const metadata& state) {
  return static_cast<std::size_t>(
      std::count_if(state.nodes().begin(), state.nodes().end(),
                    [](const auto& node) { return node.second.state != node_state::removed; }));
}

bool is_to_stay(const node_entry& node) {
  return node.state <= node_state::down && !is_pending(node);
}

std::size_t pending_nodes(const metadata& state) {
  return static_cast<std::size_t>(
      std::count_if(state.nodes().begin(), state.nodes().end(), [](const auto& node) {
        return node.second.state != node_state::removed && is_pending(node.second);
      }));
}

/// The number after the highest that was ever given.
node_number next_number(const metadata& state) {
  return state.nodes().empty() ? node_number{1} : state.nodes().rbegin()->first.next();
}

} // namespace

std::string_view to_string(node_state state) noexcept {
  switch (state) {
    case node_state::active: return "active";
    case node_state::away: return "away";
    case node_state::down: return "down";
    case node_state::draining: return "draining";
    case node_state::leaving: return "leaving";
    case node_state::removed: return "removed";
    case node_state::expected: return "expected";
  }
  return "?";
}

outcome<node_entry*> metadata_change::known_node(node_number number) {
  const auto found = state.nodes_.find(number);
  if (found == state.nodes_.end())
    return status{errc::not_found, "there is no node " + std::to_string(number.value)};
  return &found->second;
}

outcome<shard_replicas*> metadata_change::known_group(group_id group) {
  const auto found = state.groups_.find(group);
  if (found == state.groups_.end())
    return status{errc::not_found, "there is no group " + std::to_string(group.value)};
  return &found->second;
}

outcome<bool> metadata_change::operator()(const found_cluster& command) {
  if (state.cluster_id_ == command.cluster_id)
    return false; // Each founder that ever leads may say so.
  if (!state.cluster_id_.empty())
    return status{errc::already_exists, "this is cluster " + state.cluster_id_};
  state.cluster_id_ = command.cluster_id;
  for (const auto& founder : command.founders)
    state.nodes_.emplace(next_number(state), founder);
  state.groups_[metadata_group] =
      first_replicas(metadata_group, choose_nodes(state.placement(), metadata_group,
                                                  control_factor(command.founders.size())));
  return true;
}

outcome<bool> metadata_change::operator()(const add_node& command) {
  const auto number = state.find_node(command.node.name);
  if (is_pending(command.node) && pending_nodes(state) >= pending_nodes_max
      && !(number && state.nodes_.at(*number).disk == command.node.disk))
    return status{errc::overloaded,
                  std::to_string(pending_nodes_max)
                      + " nodes were admitted and have not said hello yet: start them, or remove "
                        "them by `grapectl node remove`"};
  if (!number) {
    state.nodes_.emplace(next_number(state), command.node);
    return true;
  }
  auto& known = state.nodes_.at(*number);
  if (known.disk != 0 && known.disk == command.node.disk)
    return false; // It asks once more.
  if (known.state != node_state::expected)
    return status{errc::already_exists, named(*number, command.node)
                                            + " is in the cluster; if its disk is lost, run "
                                            + "`grapectl node replace " + command.node.name + "`"};
  known = command.node;
  return true;
}

outcome<bool> metadata_change::operator()(const replace_node& command) {
  const auto lost = state.find_node(command.node.name);
  if (!lost)
    return status{errc::not_found, "there is no node `" + command.node.name + "` to replace"};
  if (state.nodes_.at(*lost).state == node_state::expected)
    return false; // Nobody came since.
  state.nodes_.at(*lost).state = node_state::removed;
  state.nodes_.emplace(next_number(state), command.node);
  return true;
}

outcome<bool> metadata_change::operator()(const change_node& command) {
  const auto node = known_node(command.number);
  if (!node)
    return node.error();
  if ((*node)->state == node_state::removed)
    return status{errc::bad_request, named(command.number, **node) + " was removed"};
  if (command.incarnation < (*node)->incarnation)
    return status{errc::bad_request,
                  named(command.number, **node) + " has been started again since"};
  auto changed = **node;
  changed.peer_address = command.peer_address;
  changed.http_address = command.http_address;
  changed.incarnation = command.incarnation;
  changed.replicas_max = command.replicas_max;
  if (is_pending(**node) && !is_pending(changed))
    nodes_have_come();
  return std::exchange(**node, changed) != changed;
}

outcome<bool> metadata_change::operator()(const set_node_state& command) {
  const auto node = known_node(command.number);
  if (!node)
    return node.error();
  auto& is = (*node)->state;
  if (is == command.state)
    return false;
  if (is == node_state::removed)
    return status{errc::bad_request, named(command.number, **node) + " was removed"};
  if (is == node_state::expected && command.state != node_state::down
      && command.state != node_state::removed)
    return status{errc::bad_request, named(command.number, **node)
                                         + " has not come yet: start it with an empty data "
                                           "directory"};
  if (command.state == node_state::removed) {
    if (is != node_state::down && has_replica(state, command.number))
      return status{errc::bad_request, named(command.number, **node) + " is "
                                           + std::string{to_string(is)}
                                           + " and holds replicas: drain it first"};
    if (nodes_left(state) == 1)
      return status{errc::bad_request, named(command.number, **node) + " is the last one"};
  }
  if (command.state == node_state::active && is != node_state::away)
    nodes_have_come();
  is = command.state;
  return true;
}

/// Somebody is to get his share: what people placed among fewer nodes holds no longer.
void metadata_change::nodes_have_come() {
  for (auto& [group, replicas] : state.groups_)
    replicas.by_hand.clear();
}

outcome<bool> metadata_change::operator()(const begin_move& command) {
  const auto group = known_group(command.step.group);
  if (!group)
    return group.error();
  if (command.step.to) {
    const auto node = known_node(*command.step.to);
    if (!node)
      return node.error();
    if ((*node)->state != node_state::active)
      return status{errc::bad_request, named(*command.step.to, **node) + " is "
                                           + std::string{to_string((*node)->state)}
                                           + " and takes no replica"};
    if (is_pending(**node))
      return status{errc::bad_request, named(*command.step.to, **node)
                                           + " has not said hello yet and takes no replica"};
    if (!command.step.witness && command.step.group != metadata_group)
      if (auto fits = check_room((*node)->name, state.held()[*command.step.to], 1,
                                 (*node)->replicas_max);
          !fits.ok())
        return fits;
  }
  if (auto begun = (*group)->begin(state.next_move_, command.step); !begun.ok())
    return begun;
  if (command.by_hand)
    (*group)->keep_by_hand(command.step);
  state.next_move_ = state.next_move_.next();
  return true;
}

outcome<bool> metadata_change::operator()(const advance_move& command) {
  const auto group = known_group(command.group);
  if (!group)
    return group.error();
  const auto before = **group;
  if (auto advanced = (*group)->advance(command.move, command.stage); !advanced.ok())
    return advanced;
  return **group != before;
}

outcome<bool> metadata_change::operator()(const end_move& command) {
  const auto group = known_group(command.group);
  if (!group)
    return group.error();
  const auto before = **group;
  if (const auto& step = before.then; step && step->to) {
    const auto node = known_node(*step->to);
    if (!node || (*node)->state != node_state::active || is_pending(**node))
      (*group)->then.reset(); // It takes no replica any more.
  }
  if (auto ended = (*group)->finish(command.move, state.next_move_); !ended.ok()) {
    **group = before;
    return ended;
  }
  if ((*group)->move)
    state.next_move_ = state.next_move_.next();
  return true;
}

std::optional<node_number> metadata::find_node(std::string_view name) const {
  for (const auto& [number, node] : nodes_)
    if (node.name == name && node.state != node_state::removed)
      return number;
  return {};
}

std::map<node_number, std::size_t> metadata::held() const {
  std::map<node_number, std::size_t> counts;
  for (const auto& [group, replicas] : groups_) {
    if (group == metadata_group)
      continue;
    for (const auto& each : replicas.replicas)
      counts[each.node] += each.role == replica_role::witness ? 0 : 1;
    const auto& move = replicas.move;
    if (move && move->from && replicas.on(move->from->node) == nullptr)
      ++counts[move->from->node];
  }
  return counts;
}

layout metadata::placement() const {
  layout where;
  auto holds = held();
  for (const auto& [number, node] : nodes_) {
    if (node.state == node_state::removed)
      continue;
    auto& one = where.nodes[number];
    one.name = node.name;
    one.accepts = node.state == node_state::active && !is_pending(node);
    one.keeps = node.state == node_state::active || node.state == node_state::away;
    if (node.replicas_max != 0)
      one.room = node.replicas_max - std::min<std::size_t>(node.replicas_max, holds[number]);
  }
  // Five of five could never let one go. With too few to stay, nothing is given up for it.
  const auto staying = static_cast<std::size_t>(
      std::count_if(nodes_.begin(), nodes_.end(),
                    [](const auto& node) { return is_to_stay(node.second); }));
  const auto factor = control_factor(staying >= 3 ? staying : where.nodes.size());
  if (const auto found = groups_.find(metadata_group); found != groups_.end())
    (where.groups[metadata_group] = found->second.placed(factor)).needs_room = false;
  for_each_collection([this, &where](const std::string&, const collection_entry& entry) {
    const auto factors = factor_of_shards(entry);
    for (const auto& [shard, group] : entry.groups)
      if (const auto found = groups_.find(group); found != groups_.end())
        where.groups[group] = found->second.placed(factors.at(shard));
    for (const auto& [key, part] : entry.keys)
      for (const auto shard : part.shards)
        if (const auto found = where.groups.find(entry.groups.at(shard));
            found != where.groups.end())
          found->second.at_best = part.placement;
  });
  return where;
}

} // namespace grape::cluster
