#pragma once

#include "net/gateway_port.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace grape::http {

using question
  = std::variant<create_collection_request, update_collection_request, delete_collection_request,
                 describe_collection_request, collection_exists_request, list_collections_request,
                 change_aliases_request, list_aliases_request, create_field_index_request,
                 delete_field_index_request, create_vector_request, delete_vector_request,
                 write_request, query_request, query_batch_request,
                 query_groups_request, matrix_request, scroll_request, count_request,
                 retrieve_request, node_status_request, list_actors_request, kill_actor_request,
                 metrics_request, cluster_status_request,
                 collection_cluster_request, change_replicas_request, change_node_request,
                 list_nodes_request, list_shards_request, list_groups_request,
                 check_health_request, join_request, recover_request, telemetry_request,
                 optimizations_request,
                 facet_request, make_snapshot_request, recover_snapshot_request,
                 list_snapshots_request, find_snapshot_request, delete_snapshot_request,
                 export_request, storage_request, restore_request, change_shard_keys_request,
                 list_shard_keys_request, get_quotas_request, set_quotas_request>;

/// A house that notes what it was asked and answers what the test put into it, or `error`.
class fake_gateway final : public gateway_port {
public:
  std::vector<question> asked;
  std::optional<status> error;
  status overload; ///< Of reads.
  bool forgetful = false; ///< Drops questions without an answer.

  changed yes;
  collection_description description;
  collection_names names;
  alias_list aliases;
  write_receipt receipt{7, write_progress::completed};
  query_reply found;
  query_groups_reply grouped;
  matrix_reply matrix;
  scroll_reply page;
  count_reply counted;
  facet_reply values;
  retrieve_reply retrieved;
  node_status node;
  recover_reply recovered{{"words/0 goes on"}};
  join_reply admitted{"c-1", node_number{4}, log_index{9}, std::string{"st\0te", 5}};
  actor_tree actors;
  metrics_text metrics;
  telemetry watched;
  snapshot_description made{"words-1.snapshot", 1, 2, "ab"};
  snapshot_list snapshots;
  snapshot_file snapshot;
  cluster_status cluster;
  collection_cluster placement;
  cluster_changed in_cluster;
  node_list nodes;
  shard_list shards;
  group_list groups;
  health_report health;
  optimizations works;
  storage_report kept;
  restored back;
  shard_key_list keys;
  quota_status quotas;

  void ask(create_collection_request q, reply_to<changed> r) override { answer(q, r, yes); }
  void ask(update_collection_request q, reply_to<changed> r) override { answer(q, r, yes); }
  void ask(delete_collection_request q, reply_to<changed> r) override { answer(q, r, yes); }
  void ask(describe_collection_request q, reply_to<collection_description> r) override {
    answer(q, r, description);
  }
  void ask(collection_exists_request q, reply_to<changed> r) override { answer(q, r, yes); }
  void ask(list_collections_request q, reply_to<collection_names> r) override {
    answer(q, r, names);
  }
  void ask(change_aliases_request q, reply_to<changed> r) override { answer(q, r, yes); }
  void ask(list_aliases_request q, reply_to<alias_list> r) override { answer(q, r, aliases); }
  void ask(create_field_index_request q, reply_to<write_receipt> r) override {
    answer(q, r, receipt);
  }
  void ask(delete_field_index_request q, reply_to<write_receipt> r) override {
    answer(q, r, receipt);
  }
  void ask(create_vector_request q, reply_to<write_receipt> r) override { answer(q, r, receipt); }
  void ask(delete_vector_request q, reply_to<write_receipt> r) override { answer(q, r, receipt); }
  void ask(change_shard_keys_request q, reply_to<changed> r) override { answer(q, r, yes); }
  void ask(list_shard_keys_request q, reply_to<shard_key_list> r) override { answer(q, r, keys); }
  void ask(write_request q, reply_to<write_receipts> r) override {
    answer(q, r, write_receipts{std::vector(q.operations.size(), receipt)});
  }
  bool work() override { return false; }
  status refusal_of_reads() override { return overload; }
  void ask(query_request q, reply_to<query_reply> r) override { answer(q, r, found); }
  void ask(query_batch_request q, reply_to<query_batch_reply> r) override {
    answer(q, r, query_batch_reply{std::vector(q.queries.size(), found)});
  }
  void ask(query_groups_request q, reply_to<query_groups_reply> r) override {
    answer(q, r, grouped);
  }
  void ask(matrix_request q, reply_to<matrix_reply> r) override { answer(q, r, matrix); }
  void ask(scroll_request q, reply_to<scroll_reply> r) override { answer(q, r, page); }
  void ask(count_request q, reply_to<count_reply> r) override { answer(q, r, counted); }
  void ask(facet_request q, reply_to<facet_reply> r) override { answer(q, r, values); }
  void ask(retrieve_request q, reply_to<retrieve_reply> r) override { answer(q, r, retrieved); }
  void ask(node_status_request q, reply_to<node_status> r) override { answer(q, r, node); }
  void ask(list_actors_request q, reply_to<actor_tree> r) override { answer(q, r, actors); }
  void ask(kill_actor_request q, reply_to<changed> r) override { answer(q, r, yes); }
  void ask(metrics_request q, reply_to<metrics_text> r) override { answer(q, r, metrics); }
  void ask(make_snapshot_request q, reply_to<snapshot_description> r) override {
    answer(q, r, made);
  }
  void ask(recover_snapshot_request q, reply_to<changed> r) override { answer(q, r, yes); }
  void ask(list_snapshots_request q, reply_to<snapshot_list> r) override {
    answer(q, r, snapshots);
  }
  void ask(find_snapshot_request q, reply_to<snapshot_file> r) override { answer(q, r, snapshot); }
  void ask(delete_snapshot_request q, reply_to<changed> r) override { answer(q, r, yes); }
  void ask(export_request q, reply_to<export_reply> r) override { answer(q, r, export_reply{}); }
  void ask(telemetry_request q, reply_to<telemetry> r) override { answer(q, r, watched); }
  void ask(cluster_status_request q, reply_to<cluster_status> r) override {
    answer(q, r, cluster);
  }
  void ask(collection_cluster_request q, reply_to<collection_cluster> r) override {
    answer(q, r, placement);
  }
  void ask(change_replicas_request q, reply_to<cluster_changed> r) override {
    answer(q, r, in_cluster);
  }
  void ask(change_node_request q, reply_to<cluster_changed> r) override {
    answer(q, r, in_cluster);
  }
  void ask(list_nodes_request q, reply_to<node_list> r) override { answer(q, r, nodes); }
  void ask(list_shards_request q, reply_to<shard_list> r) override { answer(q, r, shards); }
  void ask(list_groups_request q, reply_to<group_list> r) override { answer(q, r, groups); }
  void ask(optimizations_request q, reply_to<optimizations> r) override { answer(q, r, works); }
  void ask(check_health_request q, reply_to<health_report> r) override { answer(q, r, health); }
  void ask(join_request q, reply_to<join_reply> r) override { answer(q, r, admitted); }
  void ask(storage_request q, reply_to<storage_report> r) override { answer(q, r, kept); }
  void ask(get_quotas_request q, reply_to<quota_status> r) override { answer(q, r, quotas); }
  void ask(set_quotas_request q, reply_to<changed> r) override { answer(q, r, yes); }
  void ask(restore_request q, reply_to<restored> r) override { answer(q, r, back); }
  void ask(recover_request q, reply_to<recover_reply> r) override { answer(q, r, recovered); }

private:
  template <class Question, class Reply>
  void answer(Question& asked_now, reply_to<Reply>& reply, Reply canned) {
    asked.emplace_back(std::move(asked_now));
    if (forgetful)
      return;
    if (error)
      reply(*error);
    else
      reply(std::move(canned));
  }
};

} // namespace grape::http
