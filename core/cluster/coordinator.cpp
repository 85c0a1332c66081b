#include "core/cluster/coordinator.hpp"

#include "core/cluster/recoveries.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace grape::cluster {

namespace {

bool holds_nothing(const metadata& state, node_number node) {
  return std::none_of(state.groups().begin(), state.groups().end(), [node](const auto& group) {
    const auto& move = group.second.move;
    return group.second.on(node) != nullptr || (move && move->from && move->from->node == node);
  });
}

/// The state a node should get, if another one than it has.
std::optional<node_state> next_state(node_state is, silence heard, bool holds_nothing) {
  switch (is) {
    case node_state::active:
      return heard == silence::none ? std::nullopt : std::optional{node_state::away};
    case node_state::away:
    case node_state::down:
      if (heard == silence::none)
        return node_state::active;
      return is == node_state::away && heard == silence::too_long ? std::optional{node_state::down}
                                                                  : std::nullopt;
    case node_state::leaving:
      return holds_nothing ? std::optional{node_state::removed} : std::nullopt;
    case node_state::draining:
    case node_state::expected:
    case node_state::removed: return {};
  }
  return {};
}

/// A command for what is to be committed, an action for the rest.
void add(const shard_replicas& of, migration_action action, coordination& into) {
  if (std::holds_alternative<wait_for_news>(action))
    return;
  if (const auto* stage = std::get_if<record_stage>(&action))
    into.commands.emplace_back(advance_move{of.group, of.move->number, stage->stage});
  else if (std::holds_alternative<record_end>(action))
    into.commands.emplace_back(end_move{of.group, of.move->number});
  else
    into.actions.push_back({of.group, std::move(action)});
}

/// The node that this move waits for: it gets data, or has to delete some.
std::optional<node_number> waited_for(const shard_move& move) {
  const auto& goes = move.stage == move_stage::leaving ? move.from : move.to;
  return goes ? std::optional{goes->node} : std::nullopt;
}

} // namespace

coordination coordinator::look(const metadata& state, const cluster_sight& seen,
                               std::uint64_t now_ms, epoch as_of) {
  coordination next;
  judge_nodes(state, seen, now_ms, next);
  // What is placed depends on who accepts: first the one, then the other.
  if (next.commands.empty())
    place(state, as_of, next);
  drive(state, seen, now_ms, next);
  for (auto& name : abandoned_recoveries(state))
    next.commands.emplace_back(drop_hidden{std::move(name)});
  return next;
}

void coordinator::judge_nodes(const metadata& state, const cluster_sight& seen,
                              std::uint64_t now_ms, coordination& into) {
  std::erase_if(down_since_ms_,
                [&seen](const auto& node) { return !seen.down.contains(node.first); });
  for (const auto node : seen.down)
    down_since_ms_.try_emplace(node, now_ms);
  for (const auto& [number, node] : state.nodes()) {
    const auto heard = silence_of(number, now_ms);
    if (never_came(number, node, now_ms)) {
      into.commands.emplace_back(set_node_state{number, node_state::removed});
      continue; // Its name and its place are free again.
    }
    const auto is_empty = node.state == node_state::leaving && holds_nothing(state, number);
    if (const auto to = next_state(node.state, heard, is_empty))
      into.commands.emplace_back(set_node_state{number, *to});
  }
}

bool coordinator::never_came(node_number number, const node_entry& node,
                             std::uint64_t now_ms) const {
  const auto since = down_since_ms_.find(number);
  return node.state == node_state::down && is_pending(node) && since != down_since_ms_.end()
         && now_ms - since->second >= options_.pending_ms_max;
}

silence coordinator::silence_of(node_number node, std::uint64_t now_ms) const {
  const auto since = down_since_ms_.find(node);
  if (since == down_since_ms_.end())
    return silence::none;
  return now_ms - since->second >= options_.repair_delay_ms ? silence::too_long
                                                            : silence::short_yet;
}

/// What is to be placed is a function of the state: of many shards at rest it is not asked again.
void coordinator::place(const metadata& state, epoch as_of, coordination& into) {
  if (as_of != epoch{} && as_of == placed_)
    return;
  std::vector<placement_step> moving;
  for (const auto& [group, replicas] : state.groups())
    if (const auto step = replicas.step())
      moving.push_back(*step);
  for (const auto& step : plan_placement(state.placement(), moving, options_.limits))
    into.commands.emplace_back(begin_move{step});
  placed_ = into.commands.empty() ? as_of : epoch{};
}

void coordinator::drive(const metadata& state, const cluster_sight& seen, std::uint64_t now_ms,
                        coordination& into) {
  std::map<stage_key, std::uint64_t> stages;
  for (const auto& [group, replicas] : state.groups()) {
    const auto told = seen.groups.find(group);
    if (!replicas.move) {
      if (told != seen.groups.end())
        if (auto mended = mend_members(replicas, told->second))
          into.actions.push_back({group, std::move(*mended)});
      continue;
    }
    auto observed = told == seen.groups.end() ? move_observation{} : told->second;
    const auto& move = *replicas.move;
    const stage_key key{group, move.number, move.stage};
    const auto known = stage_since_ms_.find(key);
    const auto since_ms = known == stage_since_ms_.end() ? now_ms : known->second;
    stages.emplace(key, since_ms);
    observed.stage_ms = now_ms - since_ms;
    if (const auto node = waited_for(move))
      observed.unreachable = state.nodes().at(*node).state == node_state::removed
                             || silence_of(*node, now_ms) == silence::too_long;
    add(replicas, next_action(replicas, observed, options_.migration), into);
  }
  stage_since_ms_ = std::move(stages);
}

} // namespace grape::cluster
