#pragma once

#include "core/request/cluster.hpp"
#include "core/request/quota.hpp"
#include "net/http/json_writer.hpp"

#include <string_view>

/// Answers about a cluster. Each writes one JSON value.
namespace grape::http {

/// Qdrant's names: of what a replica does, and of a role in Raft (empty for none).
std::string_view state_text(replica_standing of);
std::string_view role_text(std::string_view role);

void write_transfer(json_writer& out, const shard_transfer& of);

/// How this node's replica of the metadata group fares.
void write_consensus_thread(json_writer& out, const cluster_status& about);

/// Qdrant's GET /cluster and GET /collections/{c}/cluster, with `grape` in local shards.
void write_cluster_status(json_writer& out, const cluster_status& about);
void write_collection_cluster(json_writer& out, const collection_cluster& about);

/// What a node and its peers use of their machines, and may use.
void write_quota_config(json_writer& out, const quota_config& of);
void write_quotas(json_writer& out, const quota_status& of);

/// Grape's own.
/// What GET /collections/{c}/shards tells.
void write_shard_keys(json_writer& out, const shard_key_list& all);

void write_nodes(json_writer& out, const node_list& all);
void write_shards(json_writer& out, const shard_list& all);
void write_groups(json_writer& out, const group_list& all);
void write_recovered(json_writer& out, const recover_reply& what);
void write_health(json_writer& out, const health_report& found);

} // namespace grape::http
