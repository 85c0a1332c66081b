#pragma once

#include "core/outcome.hpp"
#include "core/request/cluster.hpp"
#include "core/request/collection.hpp"
#include "core/request/node.hpp"
#include "core/request/optimizations.hpp"
#include "core/request/quota.hpp"
#include "core/request/read.hpp"
#include "core/request/snapshot.hpp"
#include "core/request/telemetry.hpp"
#include "core/request/upkeep.hpp"
#include "core/request/write.hpp"

#include <functional>

namespace grape {

/// Called once, from any thread, with the answer or the reason why there is none.
template <class T>
using reply_to = std::function<void(outcome<T>)>;

/// What the doors of the house (HTTP, the embedded API) ask of it. Implemented by the actors.
/// May be called from any thread; `reply` is called exactly once, also when the house closes
/// meanwhile (errc::closed). Every function returns at once, unless the house was told that it may
/// work on the threads of those who ask: then a read may have its answer before `ask` returns.
class gateway_port {
public:
  virtual ~gateway_port() = default;

  virtual void ask(create_collection_request, reply_to<changed> reply) = 0;
  virtual void ask(update_collection_request, reply_to<changed> reply) = 0;
  virtual void ask(delete_collection_request, reply_to<changed> reply) = 0;
  virtual void ask(describe_collection_request, reply_to<collection_description> reply) = 0;
  virtual void ask(collection_exists_request, reply_to<changed> reply) = 0;
  virtual void ask(list_collections_request, reply_to<collection_names> reply) = 0;
  virtual void ask(change_aliases_request, reply_to<changed> reply) = 0;
  virtual void ask(list_aliases_request, reply_to<alias_list> reply) = 0;
  virtual void ask(create_field_index_request, reply_to<write_receipt> reply) = 0;
  virtual void ask(delete_field_index_request, reply_to<write_receipt> reply) = 0;
  virtual void ask(create_vector_request, reply_to<write_receipt> reply) = 0;
  virtual void ask(delete_vector_request, reply_to<write_receipt> reply) = 0;
  virtual void ask(change_shard_keys_request, reply_to<changed> reply) = 0;
  virtual void ask(list_shard_keys_request, reply_to<shard_key_list> reply) = 0;

  virtual void ask(write_request, reply_to<write_receipts> reply) = 0;

  /// What each of the reads below would be refused with if it were asked now; ok: nothing.
  /// Cheap, and counted as that refusal: for asking before a read is decoded, and then not at all.
  virtual status refusal_of_reads() = 0;

  virtual void ask(query_request, reply_to<query_reply> reply) = 0;
  virtual void ask(query_batch_request, reply_to<query_batch_reply> reply) = 0;
  virtual void ask(query_groups_request, reply_to<query_groups_reply> reply) = 0;
  virtual void ask(matrix_request, reply_to<matrix_reply> reply) = 0;
  virtual void ask(scroll_request, reply_to<scroll_reply> reply) = 0;
  virtual void ask(count_request, reply_to<count_reply> reply) = 0;
  virtual void ask(facet_request, reply_to<facet_reply> reply) = 0;
  virtual void ask(retrieve_request, reply_to<retrieve_reply> reply) = 0;

  /// Does some of the work that waits, on the calling thread. False: there is none. For threads
  /// that a house may work on: they call it after they asked, until it is false.
  virtual bool work() = 0;

  virtual void ask(node_status_request, reply_to<node_status> reply) = 0;
  virtual void ask(list_actors_request, reply_to<actor_tree> reply) = 0;
  virtual void ask(kill_actor_request, reply_to<changed> reply) = 0;
  virtual void ask(metrics_request, reply_to<metrics_text> reply) = 0;
  virtual void ask(telemetry_request, reply_to<telemetry> reply) = 0;
  virtual void ask(optimizations_request, reply_to<optimizations> reply) = 0;

  virtual void ask(make_snapshot_request, reply_to<snapshot_description> reply) = 0;
  virtual void ask(recover_snapshot_request, reply_to<changed> reply) = 0;
  virtual void ask(list_snapshots_request, reply_to<snapshot_list> reply) = 0;
  virtual void ask(find_snapshot_request, reply_to<snapshot_file> reply) = 0;
  virtual void ask(delete_snapshot_request, reply_to<changed> reply) = 0;
  virtual void ask(export_request, reply_to<export_reply> reply) = 0;

  virtual void ask(get_quotas_request, reply_to<quota_status> reply) = 0;
  virtual void ask(set_quotas_request, reply_to<changed> reply) = 0;

  virtual void ask(storage_request, reply_to<storage_report> reply) = 0;
  virtual void ask(restore_request, reply_to<restored> reply) = 0;

  virtual void ask(cluster_status_request, reply_to<cluster_status> reply) = 0;
  virtual void ask(collection_cluster_request, reply_to<collection_cluster> reply) = 0;
  virtual void ask(change_replicas_request, reply_to<cluster_changed> reply) = 0;
  virtual void ask(change_node_request, reply_to<cluster_changed> reply) = 0;
  virtual void ask(list_nodes_request, reply_to<node_list> reply) = 0;
  virtual void ask(list_shards_request, reply_to<shard_list> reply) = 0;
  virtual void ask(list_groups_request, reply_to<group_list> reply) = 0;
  virtual void ask(check_health_request, reply_to<health_report> reply) = 0;
  virtual void ask(join_request, reply_to<join_reply> reply) = 0;
  virtual void ask(recover_request, reply_to<recover_reply> reply) = 0;
};

} // namespace grape
