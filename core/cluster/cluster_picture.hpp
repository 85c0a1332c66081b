#pragma once

#include "core/cluster/metadata.hpp"
#include "core/cluster/node_sight.hpp"
#include "core/request/cluster.hpp"

#include <string>
#include <vector>

/// What is shown of a cluster, made of what is committed and what one node sees. A node that is
/// alone is a cluster of one, number 1, with all replicas.
namespace grape::cluster {

/// `told_unix_ms` is left to the caller.
cluster_status show_cluster(const metadata& state, const node_sight& seen);

/// Errors: not_found.
outcome<collection_cluster> show_collection(const metadata& state, const node_sight& seen,
                                            const std::string& name_or_alias);

node_list show_nodes(const metadata& state, const node_sight& seen);
shard_list show_shards(const metadata& state, const node_sight& seen);
group_list show_groups(const metadata& state, const node_sight& seen);

/// What whoever made the collection should know of how it is replicated, in sentences.
std::vector<std::string> replication_warnings(const metadata& state, const collection_entry& of);

/// What whoever runs the cluster is told once `command` was applied, which made it `state`: that it
/// wishes for more replicas of each shard than there are nodes. Empty: it does not.
std::string wish_beyond_nodes(const metadata& state, const metadata_command& command);

/// "metadata", "words/0"; "group 7" if it has no shard any more.
std::string group_name(const metadata& state, group_id group);

} // namespace grape::cluster
