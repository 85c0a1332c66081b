#include "core/cluster/collection_entry.hpp"

namespace grape::cluster {

shard_home collection_entry::home_of(shard_id shard) const {
  const auto at = moved_in.find(shard);
  return at == moved_in.end() ? shard_home{id, shard} : at->second;
}

std::map<shard_id, const shard_key*> key_of_shards(const collection_entry& of) {
  std::map<shard_id, const shard_key*> keys;
  for (const auto& [key, part] : of.keys)
    for (const auto shard : part.shards)
      keys.emplace(shard, &key);
  return keys;
}

std::map<shard_id, std::uint32_t> factor_of_shards(const collection_entry& of) {
  std::map<shard_id, std::uint32_t> factors;
  for (const auto& [shard, group] : of.groups)
    factors.emplace(shard, of.schema.options.replication_factor);
  for (const auto& [key, part] : of.keys)
    for (const auto shard : part.shards)
      if (part.replication_factor)
        factors[shard] = *part.replication_factor;
  return factors;
}

} // namespace grape::cluster
