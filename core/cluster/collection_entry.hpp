#pragma once

#include "core/cluster/slot_table.hpp"
#include "core/ids.hpp"
#include "core/request/collection.hpp"
#include "core/request/shard_key.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace grape::cluster {

/// The shards of one key, among which the points written under it are spread.
struct key_shards {
  slot_table slots;                                  ///< Its owners are places in `shards`.
  std::vector<shard_id> shards;                      ///< Ascending; not empty.
  std::optional<std::uint32_t> replication_factor{}; ///< Absent: the collection's.
  std::set<node_number> placement{}; ///< Where the replicas are at best; empty: anywhere.

  friend bool operator==(const key_shards&, const key_shards&) = default;
};

/// By which numbers the folder of a shard is called. Never those of two groups.
struct shard_home {
  collection_id collection;
  shard_id shard;

  friend bool operator==(const shard_home&, const shard_home&) = default;
};

/// What the control plane knows of one collection.
struct collection_entry {
  collection_id id;
  collection_schema schema;
  slot_table slots;                       ///< None where it is sharded by keys.
  std::map<shard_id, group_id> groups;    ///< The ordered log of each shard.
  std::map<shard_key, key_shards> keys{}; ///< Each shard of such a collection belongs to one.
  shard_id next_shard{};                  ///< Of the next key; ids are never reused.
  /// Of shards that were recovered from a snapshot: they lie where they were filled.
  std::map<shard_id, shard_home> moved_in{};

  shard_home home_of(shard_id shard) const;

  friend bool operator==(const collection_entry&, const collection_entry&) = default;
};

/// The key that each shard belongs to; empty where the collection is not sharded by keys.
std::map<shard_id, const shard_key*> key_of_shards(const collection_entry& of);

/// The data replicas that are wanted of each shard.
std::map<shard_id, std::uint32_t> factor_of_shards(const collection_entry& of);

} // namespace grape::cluster
