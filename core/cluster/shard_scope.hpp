#pragma once

#include "core/cluster/collection_entry.hpp"
#include "core/outcome.hpp"

#include <map>
#include <optional>
#include <span>
#include <vector>

namespace grape::cluster {

/// Shards among which ids are spread by one slot table: those of one key, or all of a collection
/// that has no keys. Points into the entry it was made from.
struct shard_part {
  const shard_key* key = nullptr; ///< Null: the collection is not sharded by keys.
  const slot_table* slots = nullptr;
  std::vector<shard_id> shards; ///< Ascending; the owners of `slots` are places in it.

  shard_id shard_of(const point_id& id) const;
};

/// Everything that a request is about: an id may be in each of these, and is kept by one shard of
/// each. Empty: nothing, as the keys asked for are none, or there are none yet.
using shard_scope = std::vector<shard_part>;

/// The whole collection.
shard_scope whole_scope(const collection_entry& of);

/// What a read is about; without a selector the whole collection. Errors, in the words that clients
/// of Qdrant know: bad_request (no such key), not_found (nor a fallback).
outcome<shard_scope> scope_of_read(const collection_entry& of,
                                   const std::optional<shard_key_selector>& keys);

/// What an operation changes. Errors as above, and wrong_input: no such key, or none is named.
outcome<shard_scope> scope_of_write(const collection_entry& of,
                                    const std::optional<shard_key_selector>& keys);

/// All shards, ascending.
std::vector<shard_id> shards_of(const shard_scope& scope);

/// The key that each shard belongs to; empty where the collection is not sharded by keys.
std::map<shard_id, const shard_key*> keys_of(const shard_scope& scope);

} // namespace grape::cluster
