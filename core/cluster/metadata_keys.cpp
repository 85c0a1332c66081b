#include "core/cluster/descriptor_budget.hpp"
#include "core/cluster/metadata_change.hpp"
#include "core/cluster/shard_keys.hpp"

#include <algorithm>
#include <utility>

namespace grape::cluster {

namespace {

status no_such_collection(const std::string& name) {
  return {errc::not_found, "Collection `" + name + "` doesn't exist!"};
}

/// The table of a key with so many shards: that of another one, where there is such, whose memory
/// it shares; it would be the same.
slot_table slots_for(const collection_entry& of, std::uint32_t shards) {
  for (const auto& [key, part] : of.keys)
    if (part.shards.size() == shards)
      return part.slots;
  return propose_slots(shards);
}

} // namespace

/// The first replicas of a new group; none where this node is alone. Not fewer, and not elsewhere,
/// because nodes are full: who asks for them hears which. Error: no_space.
status metadata_change::found_group(group_id group, layout& where, std::size_t factor,
                                    const std::set<node_number>& at_best) {
  if (where.nodes.empty())
    return {};
  const auto chosen = choose_nodes(where, group, factor, at_best);
  const auto is_as_asked = chosen.data.size() >= factor
                           && std::all_of(chosen.data.begin(), chosen.data.end(),
                                          [&chosen](auto node) { return chosen.prefers(node); });
  for (const auto& [number, node] : where.nodes) {
    const auto is_missed = !is_as_asked && chosen.prefers(number);
    if (is_missed && node.accepts && node.room == 0 && !chosen.data.contains(number))
      return check_room(node.name, state.held()[number], 1, state.nodes_.at(number).replicas_max);
  }
  for (const auto number : chosen.data)
    --where.nodes.at(number).room;
  state.groups_[group] = first_replicas(group, chosen);
  where.groups[group] = chosen;
  return {};
}

/// Of exactly this name, hidden or not; or null.
collection_entry* metadata_change::entry_of(const std::string& name) {
  if (const auto found = state.collections_.find(name); found != state.collections_.end())
    return &found->second;
  const auto hidden = state.hidden_.find(name);
  return hidden == state.hidden_.end() ? nullptr : &hidden->second.entry;
}

outcome<bool> metadata_change::operator()(const create_shard_key& command) {
  auto* found = entry_of(command.name);
  if (found == nullptr)
    return no_such_collection(command.name);
  auto& entry = *found;
  const auto& asked = command.what;
  if (auto fits = check(state, entry, command.name, asked); !fits.ok())
    return fits;
  key_shards part;
  part.replication_factor = asked.replication_factor;
  auto factor = asked.replication_factor.value_or(entry.schema.options.replication_factor);
  if (asked.placement) {
    part.placement.insert(asked.placement->begin(), asked.placement->end());
    factor = std::min(factor, static_cast<std::uint32_t>(part.placement.size()));
    part.replication_factor = factor;
  }
  const auto shards = std::max(asked.shards.value_or(1), 1u);
  part.slots = slots_for(entry, shards);
  auto where = state.placement();
  for (std::uint32_t i = 0; i < shards; ++i) {
    const auto shard = std::exchange(entry.next_shard, entry.next_shard.next());
    const auto group = std::exchange(state.next_group_, state.next_group_.next());
    part.shards.push_back(shard);
    entry.groups.emplace(shard, group);
    if (auto founded = found_group(group, where, factor, part.placement); !founded.ok())
      return founded;
  }
  entry.keys.emplace(asked.key, std::move(part));
  return true;
}

outcome<bool> metadata_change::operator()(const drop_shard_key& command) {
  auto* found = entry_of(command.name);
  if (found == nullptr)
    return no_such_collection(command.name);
  auto& entry = *found;
  if (auto fits = check(entry, command.name, remove_shard_key{command.key}); !fits.ok())
    return fits;
  const auto key = entry.keys.find(command.key);
  for (const auto shard : key->second.shards) {
    state.groups_.erase(entry.groups.at(shard));
    entry.groups.erase(shard);
    entry.moved_in.erase(shard);
  }
  entry.keys.erase(key);
  return true;
}

} // namespace grape::cluster
