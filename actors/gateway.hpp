#pragma once

#include "actors/house.hpp"
#include "actors/interfaces.hpp"
#include "actors/patience.hpp"
#include "actors/read_gate.hpp"
#include "actors/strict_gate.hpp"
#include "core/cluster/health_check.hpp"
#include "net/gateway_port.hpp"

#include <atomic>
#include <memory>

namespace grape::actors {

struct gathered_telemetry;

struct gateway_state {
  gateway_state() {}
  std::shared_ptr<house> home;
  patience waits;
  cluster::move_ages moves; // As this GATEWAY saw them since it began.
};

using gateway_pointer = gateway_actor::stateful_pointer<gateway_state>;

/// Something to be asked by a GATEWAY, on its own thread of control. Whatever `carry` captures
/// knows how to answer when it is destroyed unasked.
struct bridged_question {
  std::function<void(gateway_pointer)> carry;
};

/// GATEWAY number `number`.
gateway_actor spawn_gateway(caf::actor_system& system, std::shared_ptr<house> home,
                            std::size_t number);

/// The port through which any thread asks this node. Answers every question exactly once, also
/// when the actors that should have answered fall, or the node closes: `unavailable`, `closed`,
/// or `commit_unknown` for writes that were on their way.
class gateway final : public gateway_port {
public:
  explicit gateway(std::shared_ptr<house> home);

  /// Another door of the same house, with the same limits. Reads asked here are worked on by the
  /// thread that asks, as long as a search thread is free in whose place it can.
  struct lent_threads {};
  gateway(const gateway& other, lent_threads);

  /// Another door of the same house for who fills a hidden collection: it names what `sees` has and
  /// nothing else, and no limit of clients holds. For writes, descriptions and no other questions.
  struct insider {
    std::shared_ptr<const catalog> sees;
  };
  gateway(const gateway& other, insider in);

  /// Commits a change of the control plane for the house itself; answered once the node lives by
  /// it.
  void commit(cluster::metadata_command command, reply_to<changed> reply);

  void ask(create_collection_request, reply_to<changed> reply) override;
  void ask(update_collection_request, reply_to<changed> reply) override;
  void ask(delete_collection_request, reply_to<changed> reply) override;
  void ask(describe_collection_request, reply_to<collection_description> reply) override;
  void ask(collection_exists_request, reply_to<changed> reply) override;
  void ask(list_collections_request, reply_to<collection_names> reply) override;
  void ask(change_aliases_request, reply_to<changed> reply) override;
  void ask(list_aliases_request, reply_to<alias_list> reply) override;
  void ask(create_field_index_request, reply_to<write_receipt> reply) override;
  void ask(delete_field_index_request, reply_to<write_receipt> reply) override;
  void ask(create_vector_request, reply_to<write_receipt> reply) override;
  void ask(delete_vector_request, reply_to<write_receipt> reply) override;
  void ask(change_shard_keys_request, reply_to<changed> reply) override;
  void ask(list_shard_keys_request, reply_to<shard_key_list> reply) override;

  void ask(write_request, reply_to<write_receipts> reply) override;

  status refusal_of_reads() override;
  void ask(query_request, reply_to<query_reply> reply) override;
  void ask(query_batch_request, reply_to<query_batch_reply> reply) override;
  void ask(query_groups_request, reply_to<query_groups_reply> reply) override;
  void ask(matrix_request, reply_to<matrix_reply> reply) override;
  void ask(scroll_request, reply_to<scroll_reply> reply) override;
  void ask(count_request, reply_to<count_reply> reply) override;
  void ask(facet_request, reply_to<facet_reply> reply) override;
  void ask(retrieve_request, reply_to<retrieve_reply> reply) override;

  bool work() override;

  void ask(node_status_request, reply_to<node_status> reply) override;
  void ask(list_actors_request, reply_to<actor_tree> reply) override;
  void ask(kill_actor_request, reply_to<changed> reply) override;
  void ask(metrics_request, reply_to<metrics_text> reply) override;
  void ask(telemetry_request, reply_to<telemetry> reply) override;
  void ask(optimizations_request, reply_to<optimizations> reply) override;

  void ask(make_snapshot_request, reply_to<snapshot_description> reply) override;
  void ask(recover_snapshot_request, reply_to<changed> reply) override;
  void ask(list_snapshots_request, reply_to<snapshot_list> reply) override;
  void ask(find_snapshot_request, reply_to<snapshot_file> reply) override;
  void ask(delete_snapshot_request, reply_to<changed> reply) override;
  void ask(export_request, reply_to<export_reply> reply) override;

  void ask(get_quotas_request, reply_to<quota_status> reply) override;
  void ask(set_quotas_request, reply_to<changed> reply) override;

  void ask(storage_request, reply_to<storage_report> reply) override;
  void ask(restore_request, reply_to<restored> reply) override;

  void ask(cluster_status_request, reply_to<cluster_status> reply) override;
  void ask(collection_cluster_request, reply_to<collection_cluster> reply) override;
  void ask(change_replicas_request, reply_to<cluster_changed> reply) override;
  void ask(change_node_request, reply_to<cluster_changed> reply) override;
  void ask(list_nodes_request, reply_to<node_list> reply) override;
  void ask(list_shards_request, reply_to<shard_list> reply) override;
  void ask(list_groups_request, reply_to<group_list> reply) override;
  void ask(check_health_request, reply_to<health_report> reply) override;
  void ask(join_request, reply_to<join_reply> reply) override;
  void ask(recover_request, reply_to<recover_reply> reply) override;

private:
  using descriptions = std::map<std::string, collection_description>;

  void describe_all(std::function<void(descriptions)> then);
  void place_all(const std::shared_ptr<gathered_telemetry>& gather);
  void carry(std::function<void(gateway_pointer)> question);
  template <class Reply, class Request>
  void read(Request asked, reply_to<Reply> reply, std::shared_ptr<read_gate::pass> pass);
  template <class Reply, class Request>
  void read_if_admitted(Request asked, reply_to<Reply> reply);
  void write(write_request asked, reply_to<write_receipts> reply);
  void write_strictly(write_request asked, const strict_limits& limits, collection_id of,
                      reply_to<write_receipts> reply);
  void measure(const std::shared_ptr<const write_request>& asked, const strict_limits& limits,
               std::function<void(status, std::uint64_t matching)> then);
  void set_field_index(const std::string& collection, std::string field,
                       std::optional<field_schema> schema, reply_to<write_receipt> reply);
  void set_vector(const std::string& collection, std::string vector,
                  std::optional<vector_definition> what, reply_to<write_receipt> reply);
  template <class Reply>
  void show(const std::set<group_id>& groups, reply_to<Reply> reply,
            std::function<outcome<Reply>(const catalog&, const cluster::node_sight&)> make);
  void change_in_order(std::shared_ptr<std::vector<cluster::metadata_command>> commands,
                       std::size_t next, reply_to<cluster_changed> reply);
  template <class Reply, class Answer>
  void change(cluster::metadata_command command, reply_to<Reply> reply, Answer answer,
              std::uint32_t timeout_ms = 0);

  std::shared_ptr<house> home_;
  std::shared_ptr<read_gate> reads_;
  std::shared_ptr<strict_gate> strict_;
  std::shared_ptr<const catalog> seen() const { return sees_ ? sees_ : home_->known.get(); }

  std::shared_ptr<const catalog> sees_; ///< Not null: whatever is known otherwise.
  std::uint64_t started_ms_ = 0;
  bool works_on_callers_ = false;
  std::atomic<std::uint64_t> next_{0}; // GATEWAYs take turns.
};

} // namespace grape::actors
