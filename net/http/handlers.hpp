#pragma once

#include "net/http/routes.hpp"

#include <utility>

/// One function per route: decode, ask the house once, encode.
namespace grape::http {

/// A reply that is encoded by `write`, or refused.
template <class Reply>
reply_to<Reply> reply_with(const call& from, void (*write)(json_writer&, const Reply&)) {
  return [answer = from.answer, write](outcome<Reply> got) {
    if (!got)
      return answer->refuse(got.error());
    answer->succeed([&](json_writer& out) { write(out, *got); });
  };
}

void tell_storage_size(call&);
void flush_storage(call&);
void sync_storage(call&);
void compact_storage(call&);
void warm_storage(call&);
void digest_storage(call&);
void make_checkpoint(call&);
void list_checkpoints(call&);
void delete_checkpoint(call&);
void back_up(call&);
void restore_storage(call&);
void list_collections(call&);
void describe_collection(call&);
void collection_exists(call&);
void create_collection(call&);
void update_collection(call&);
void delete_collection(call&);
void list_aliases(call&);
void list_collection_aliases(call&);
void change_aliases(call&);
void create_field_index(call&);
void delete_field_index(call&);
void create_vector(call&);
void delete_vector(call&);

void upsert_points(call&);
void remove_points(call&);
void merge_payload(call&);
void overwrite_payload(call&);
void remove_payload(call&);
void empty_payload(call&);
void replace_vectors(call&);
void remove_vectors(call&);
void write_in_batch(call&);

void get_point(call&);
void retrieve_points(call&);
void scroll_points(call&);
void count_points(call&);
void facet_points(call&);
void query_points(call&);
void query_in_batch(call&);
void search_points(call&);
void search_in_batch(call&);
void search_groups(call&);
void recommend_points(call&);
void recommend_in_batch(call&);
void recommend_groups(call&);
void discover_points(call&);
void discover_in_batch(call&);
void query_groups(call&);
void search_matrix_pairs(call&);
void search_matrix_offsets(call&);

void tell_version(call&);
void tell_health(call&);
void tell_readiness(call&);
void tell_metrics(call&);
void tell_telemetry(call&);
void tell_optimizations(call&);
void tell_issues(call&);
void tell_quotas(call&);
void set_quotas(call&);
void clear_issues(call&);
void tell_node_status(call&);
void list_actors(call&);
void kill_actor(call&);

void list_snapshots(call&);
void make_snapshot(call&);
void download_snapshot(call&);
void stream_snapshot(call&);
void delete_snapshot(call&);
void recover_snapshot(call&);
void upload_snapshot(call&);

void tell_cluster(call&);
void recover_peer(call&);
void remove_peer(call&);
void describe_collection_cluster(call&);
void change_replicas(call&);
void create_shard_key(call&);
void delete_shard_key(call&);
void list_shard_keys(call&);
void list_nodes(call&);
void activate_node(call&);
void drain_node(call&);
void remove_node(call&);
void forget_node(call&);
void replace_node(call&);
void join_cluster(call&);
void recover_cluster(call&);
void list_shards(call&);
void list_groups(call&);
void check_health(call&);

} // namespace grape::http
