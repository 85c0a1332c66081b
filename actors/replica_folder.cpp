#include "actors/replica_folder.hpp"

#include "core/cluster/hosting.hpp"

namespace grape::actors {

std::optional<std::string> replica_folder(const house& home, const cluster::metadata& state,
                                          const cluster::held_replica& which) {
  for (const auto& one : cluster::shards_of(state))
    if (one.group == which.group) {
      const auto at = one.entry->home_of(one.shard);
      return home.path(shard_directory(at.collection, at.shard, which.id));
    }
  return std::nullopt;
}

} // namespace grape::actors
