#include "core/cluster/shard_keys.hpp"

#include <algorithm>
#include <utility>

namespace grape::cluster {

namespace {

/// The number of a node that is alone.
constexpr node_number alone{1};

status bad(std::string why) {
  return {errc::bad_request, std::move(why)};
}

status check_is_by_keys(const collection_entry& of) {
  if (is_sharded_by_keys(of.schema.options))
    return {};
  return bad("Shard Key cannot be created with Auto sharding method");
}

status check_length(const shard_key& key) {
  const auto* text = std::get_if<std::string>(&key);
  if (text == nullptr || text->size() <= shard_key_bytes_max)
    return {};
  return bad("a shard key may have at most " + std::to_string(shard_key_bytes_max) + " bytes, got "
             + std::to_string(text->size()));
}

bool is_peer(const metadata& state, node_number node) {
  if (state.nodes().empty())
    return node == alone;
  const auto at = state.nodes().find(node);
  return at != state.nodes().end() && at->second.state != node_state::removed;
}

status check_placement(const metadata& state, const add_shard_key& asked) {
  if (!asked.placement)
    return {};
  if (asked.placement->empty())
    return bad("Sharding key " + text_of(asked.key)
               + " placement cannot be empty. If you want to use random placement, do not specify"
                 " placement");
  for (const auto node : *asked.placement)
    if (!is_peer(state, node))
      return bad("Peer " + std::to_string(node.value) + " does not exist");
  return {};
}

std::string why_not(node_state state) {
  switch (state) {
    case node_state::active: return "has not come yet";
    case node_state::away:
    case node_state::down: return "is away; start it first";
    case node_state::draining:
    case node_state::leaving: return "gives its replicas away; activate it first";
    case node_state::expected: return "was replaced; start it with an empty data directory first";
    case node_state::removed: return "was removed";
  }
  return {};
}

/// Whoever names a node wants the replicas there and nowhere else, and not later: one that takes
/// none now is told at once.
status check_takes_replicas(const metadata& state, const add_shard_key& asked) {
  const auto where = state.placement();
  for (const auto node : asked.placement.value_or(std::vector<node_number>{})) {
    const auto at = state.nodes().find(node);
    if (at == state.nodes().end() || where.nodes.at(node).accepts)
      continue;
    return {errc::unavailable, "Sharding key " + text_of(asked.key) + " cannot be placed on peer "
                                   + std::to_string(node.value) + " now: node `" + at->second.name
                                   + "` " + why_not(at->second.state)
                                   + ", or leave it out of `placement`"};
  }
  return {};
}

} // namespace

status check(const metadata& state, const collection_entry& of, const std::string& name,
             const add_shard_key& asked) {
  if (auto fits = check_is_by_keys(of); !fits.ok())
    return fits;
  if (auto fits = check_length(asked.key); !fits.ok())
    return fits;
  if (of.keys.contains(asked.key))
    return bad("Sharding key " + text_of(asked.key) + " already exists for collection " + name);
  return check_placement(state, asked);
}

status check(const collection_entry& of, const std::string& name, const remove_shard_key& asked) {
  if (auto fits = check_is_by_keys(of); !fits.ok())
    return fits;
  if (of.keys.contains(asked.key))
    return {};
  return bad("Sharding key " + text_of(asked.key) + " does not exist for collection " + name);
}

outcome<metadata_command> command_of(const metadata& state, const change_shard_keys_request& asked,
                                     std::uint32_t shards_max) {
  auto name = state.resolve(asked.collection);
  if (!name)
    return std::move(name).error();
  const auto& entry = *state.find_exact(*name);
  if (const auto* remove = std::get_if<remove_shard_key>(&asked.what)) {
    if (auto fits = check(entry, asked.collection, *remove); !fits.ok())
      return fits;
    return metadata_command{drop_shard_key{*std::move(name), remove->key}};
  }
  auto wanted = std::get<add_shard_key>(asked.what);
  if (auto fits = check(state, entry, asked.collection, wanted); !fits.ok())
    return fits;
  if (auto takes = check_takes_replicas(state, wanted); !takes.ok())
    return takes;
  wanted.shards = wanted.shards.value_or(entry.schema.options.shard_number);
  if (entry.groups.size() + *wanted.shards > shards_max)
    return bad("more than " + std::to_string(shards_max)
               + " shards per collection are not allowed here"
                 " ([limits] shards_per_collection_max)");
  return metadata_command{create_shard_key{*std::move(name), std::move(wanted)}};
}

outcome<shard_key_list> list_shard_keys(const metadata& state,
                                        const list_shard_keys_request& asked) {
  const auto* entry = state.find(asked.collection);
  if (entry == nullptr)
    return state.resolve(asked.collection).error();
  shard_key_list told;
  told.by_keys = is_sharded_by_keys(entry->schema.options);
  for (const auto& [key, part] : entry->keys)
    told.keys.push_back(key);
  return told;
}

} // namespace grape::cluster
