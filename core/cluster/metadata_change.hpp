#pragma once

#include "core/cluster/metadata.hpp"

namespace grape::cluster {

/// Applies one command to a copy of the state; the caller keeps the copy only if it succeeds. True:
/// something changed. One file for what clients change, one for keys of shards, one for what the
/// cluster changes, one for recoveries.
struct metadata_change {
  metadata& state;

  outcome<bool> operator()(const create_collection& command);
  outcome<bool> operator()(const update_collection& command);
  outcome<bool> operator()(const delete_collection& command);
  outcome<bool> operator()(const change_aliases& command);
  outcome<bool> operator()(const set_field_index& command);
  outcome<bool> operator()(const set_vector& command);

  outcome<bool> operator()(const create_shard_key& command);
  outcome<bool> operator()(const drop_shard_key& command);

  outcome<bool> operator()(const set_quota& command);

  outcome<bool> operator()(const found_cluster& command);
  outcome<bool> operator()(const add_node& command);
  outcome<bool> operator()(const replace_node& command);
  outcome<bool> operator()(const change_node& command);
  outcome<bool> operator()(const set_node_state& command);
  outcome<bool> operator()(const begin_move& command);
  outcome<bool> operator()(const advance_move& command);
  outcome<bool> operator()(const end_move& command);

  outcome<bool> operator()(const stage_collection& command);
  outcome<bool> operator()(const swap_collection& command);
  outcome<bool> operator()(const drop_hidden& command);
  outcome<bool> operator()(const end_filling& command);

  status operator()(const create_alias& action);
  status operator()(const delete_alias& action);
  status operator()(const rename_alias& action);

private:
  /// A new collection, whose groups have their first replicas. Error: no_space.
  outcome<collection_entry> begin_collection(collection_schema schema);
  outcome<bool> swap_shard(hidden_collection& with, shard_id shard);
  outcome<node_entry*> known_node(node_number number);
  outcome<shard_replicas*> known_group(group_id group);
  void nodes_have_come();
  collection_entry* entry_of(const std::string& name);
  status found_group(group_id group, layout& where, std::size_t factor,
                     const std::set<node_number>& at_best);
};

} // namespace grape::cluster
