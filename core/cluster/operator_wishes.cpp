#include "core/cluster/operator_wishes.hpp"

#include <algorithm>
#include <string>

namespace grape::cluster {

namespace {

status bad(std::string why) {
  return {errc::bad_request, std::move(why)};
}

std::string shard_text(shard_id shard) {
  return "Shard " + std::to_string(shard.value);
}

std::string arrow(node_number from, node_number to) {
  return std::to_string(from.value) + " -> " + std::to_string(to.value);
}

/// One collection, for one request.
class wish {
public:
  wish(const metadata& state, std::string name, const collection_entry& entry)
    : state_(state)
    , name_(std::move(name))
    , entry_(entry) {}

  outcome<metadata_command> operator()(const move_shard& asked) const {
    return begin(asked.shard, asked.from, asked.to, true);
  }

  outcome<metadata_command> operator()(const replicate_shard& asked) const {
    return begin(asked.shard, asked.from, asked.to, false);
  }

  outcome<metadata_command> operator()(const abort_transfer& asked) const {
    const auto* of = find(asked.shard);
    if (of == nullptr || !is_under_way(*of, asked))
      return status{errc::not_found, "Shard transfer " + arrow(asked.from, asked.to)
                                         + " for collection " + name_ + ":"
                                         + std::to_string(asked.shard.value) + " does not exist"};
    if (of->move->stage == move_stage::switching && !of->then)
      return bad(shard_text(asked.shard) + " is switching over to peer "
                 + std::to_string(asked.to.value) + ": its transfer cannot be aborted any more");
    return metadata_command{advance_move{of->group, of->move->number, move_stage::undoing}};
  }

  outcome<metadata_command> operator()(const drop_replica& asked) const {
    const auto* of = find(asked.shard);
    if (of == nullptr)
      return no_such_shard(asked.shard);
    if (auto known = check_peer(asked.node); !known.ok())
      return known;
    const auto* which = of->on(asked.node);
    if (which == nullptr || which->role != replica_role::voter)
      return bad("Peer " + std::to_string(asked.node.value) + " has no replica of shard "
                 + std::to_string(asked.shard.value));
    if (of->placed(1).data.size() == 1)
      return bad(shard_text(asked.shard) + " must have at least one active replica after removing "
                 + std::to_string(asked.node.value));
    if (auto free = check_free(*of, asked.shard); !free.ok())
      return free;
    return metadata_command{begin_move{{.group = of->group, .from = asked.node}}};
  }

private:
  const shard_replicas* find(shard_id shard) const {
    const auto group = entry_.groups.find(shard);
    if (group == entry_.groups.end())
      return nullptr;
    const auto at = state_.groups().find(group->second);
    return at == state_.groups().end() ? nullptr : &at->second;
  }

  status no_such_shard(shard_id shard) const {
    return bad(shard_text(shard) + " of " + name_ + " does not exist");
  }

  status check_peer(node_number node) const {
    const auto at = state_.nodes().find(node);
    if (at == state_.nodes().end() || at->second.state == node_state::removed)
      return bad("Peer " + std::to_string(node.value) + " does not exist");
    return {};
  }

  static bool is_under_way(const shard_replicas& of, const abort_transfer& asked) {
    if (of.then)
      return of.then->to == asked.to
             && (of.then->from ? of.then->from == asked.from : of.on(asked.from) != nullptr);
    const auto& move = of.move;
    if (!move || !move->to || move->to->node != asked.to || move->stage == move_stage::leaving
        || move->stage == move_stage::undoing)
      return false;
    return move->from ? move->from->node == asked.from : of.on(asked.from) != nullptr;
  }

  /// No group is changed twice at a time, and what has moved is cleared away first.
  static status check_free(const shard_replicas& of, shard_id shard) {
    if (!of.move)
      return {};
    const auto& move = *of.move;
    if (of.then)
      return bad(shard_text(shard) + " is already making room for a transfer to "
                 + std::to_string(of.then->to->value));
    if (move.stage == move_stage::leaving || move.stage == move_stage::undoing || !move.to)
      return bad(shard_text(shard) + " is still clearing away what its last transfer left");
    return bad(shard_text(shard) + " is already involved in transfer "
               + (move.from ? arrow(move.from->node, move.to->node)
                            : "to " + std::to_string(move.to->node.value)));
  }

  outcome<metadata_command> begin(shard_id shard, node_number from, node_number to,
                                  bool leaves) const {
    const auto* of = find(shard);
    if (of == nullptr)
      return no_such_shard(shard);
    for (const auto peer : {to, from})
      if (auto known = check_peer(peer); !known.ok())
        return known;
    const auto* source = of->on(from);
    if (source == nullptr || source->role != replica_role::voter)
      return bad(shard_text(shard) + " is not active on peer " + std::to_string(from.value));
    if (auto free = check_free(*of, shard); !free.ok() && !of->takes_next())
      return free;
    if (const auto* there = of->on(to); there != nullptr && there->role != replica_role::witness)
      return bad(shard_text(shard) + " has a replica on peer " + std::to_string(to.value)
                 + " already");
    placement_step step{.group = of->group, .to = to};
    if (leaves)
      step.from = from;
    return metadata_command{begin_move{step, true}};
  }

  const metadata& state_;
  std::string name_;
  const collection_entry& entry_;
};

outcome<node_number> find_node(const metadata& state,
                               const std::variant<std::string, node_number>& which) {
  if (const auto* name = std::get_if<std::string>(&which)) {
    const auto found = state.find_node(*name);
    if (!found)
      return status{errc::not_found, "there is no node `" + *name + "`"};
    return *found;
  }
  const auto number = std::get<node_number>(which);
  const auto at = state.nodes().find(number);
  if (at == state.nodes().end() || at->second.state == node_state::removed)
    return status{errc::not_found, "Peer " + std::to_string(number.value) + " does not exist"};
  return number;
}

bool holds_shards(const metadata& state, node_number node) {
  return std::any_of(state.groups().begin(), state.groups().end(), [node](const auto& one) {
    return one.first != metadata_group && one.second.on(node) != nullptr;
  });
}

} // namespace

outcome<metadata_command> command_of(const metadata& state, const change_replicas_request& asked) {
  auto name = state.resolve(asked.collection);
  if (!name)
    return std::move(name).error();
  const auto& entry = *state.find_exact(*name);
  return std::visit(wish{state, *std::move(name), entry}, asked.what);
}

outcome<std::vector<metadata_command>> commands_of(const metadata& state,
                                                   const change_node_request& asked,
                                                   const std::set<node_number>& connected) {
  const auto node = find_node(state, asked.which);
  if (!node)
    return node.error();
  if (asked.unless_it_holds_shards && holds_shards(state, *node))
    return bad("Cannot remove peer " + std::to_string(node->value) + " as there are shards on it");
  std::vector<metadata_command> commands;
  switch (asked.wish) {
    case node_wish::activate:
      commands.emplace_back(set_node_state{*node, node_state::active});
      break;
    case node_wish::drain:
      commands.emplace_back(set_node_state{*node, node_state::draining});
      break;
    case node_wish::leave: commands.emplace_back(set_node_state{*node, node_state::leaving}); break;
    case node_wish::replace: {
      auto next = state.nodes().at(*node);
      if (connected.contains(*node))
        return bad("node `" + next.name + "` is up and connected: a node whose disk is lost is "
                   "not; stop it first");
      next.state = node_state::expected;
      next.incarnation = 0;
      next.disk = 0;
      commands.emplace_back(replace_node{std::move(next)});
      break;
    }
    case node_wish::forget: // Only who is down may be removed with replicas.
      commands.emplace_back(set_node_state{*node, node_state::down});
      commands.emplace_back(set_node_state{*node, node_state::removed});
      break;
  }
  return commands;
}

} // namespace grape::cluster
