#pragma once

#include "core/cluster/metadata.hpp"

#include <set>
#include <string>
#include <vector>

namespace grape::cluster {

/// One shard that the control plane says must be served.
struct shard_entry {
  std::string collection;
  const collection_entry* entry = nullptr; ///< Of the metadata it was made from.
  shard_id shard;
  group_id group;
};

/// All shards of all collections, ascending by collection name and shard, hidden ones last.
std::vector<shard_entry> shards_of(const metadata& state);

/// What must change so that exactly the shards of `state` are served. For a node that is alone; see
/// replica_hosting.hpp for one of a cluster.
struct hosting_plan {
  std::vector<shard_entry> begin;
  std::vector<group_id> end;
};

hosting_plan plan_hosting(const metadata& state, const std::set<group_id>& hosted);

/// Groups in the log that no shard of `state` owns: their shards were dropped. Never the
/// metadata group itself.
std::vector<group_id> forgotten_groups(const metadata& state, const std::vector<group_id>& in_log);

/// Of the names of folders below `shards/`, those in which no shard of `state` is at home. Names
/// that are no number are left alone: nobody here made them.
std::vector<std::string> forgotten_folders(const metadata& state,
                                           const std::vector<std::string>& names);

/// The same of the folders below `shards/<folder>/`.
std::vector<std::string> forgotten_shards(const metadata& state, const std::string& folder,
                                          const std::vector<std::string>& names);

} // namespace grape::cluster
