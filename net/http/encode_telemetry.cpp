#include "net/http/encode_telemetry.hpp"

#include "core/codec/crc32c.hpp"
#include "net/http/encode_cluster.hpp"
#include "net/http/encode_collection.hpp"
#include "net/http/encode_points.hpp"
#include "net/http/instant.hpp"

#include <cstdio>
#include <map>
#include <span>
#include <string>

namespace grape::http {

namespace {

std::string shown_name(const std::string& name, const telemetry_view& how) {
  if (!how.anonymous || name.empty())
    return name;
  char text[9];
  std::snprintf(text, sizeof text, "%08x", codec::crc32c(name));
  return text;
}

void write_app(json_writer& out, const telemetry& told) {
  out.key("app").open_object().key("name").text("qdrant").key("version").text("1.19.0");
  out.key("features").open_object();
  for (const auto* feature :
       {"debug", "service_debug_feature", "recovery_mode", "gpu", "rocksdb", "staging"})
    out.key(feature).boolean(false);
  out.close_object().key("startup").text(instant_text(told.started_unix_ms)).close_object();
}

void write_cluster(json_writer& out, const telemetry& told, const telemetry_view& how) {
  const auto& cluster = told.cluster;
  out.key("cluster").open_object().key("enabled").boolean(cluster.enabled);
  if (cluster.enabled && how.details >= 1) {
    const auto& seen = cluster.consensus;
    out.key("status").open_object().key("number_of_peers").whole(cluster.peers.size());
    out.key("term").whole(seen.raft.term.value).key("commit").whole(seen.raft.commit.value);
    out.key("pending_operations").whole(seen.pending);
    if (const auto role = role_text(seen.raft.role); !role.empty())
      out.key("role").text(role);
    out.key("is_voter").boolean(seen.is_voter).key("peer_id").whole(cluster.self.value);
    out.key("consensus_thread_status");
    write_consensus_thread(out, cluster);
    out.close_object();
  }
  out.close_object();
}

void write_route_status(json_writer& out, const route_figures& of) {
  constexpr unsigned first_failure = 500;
  out.key(std::to_string(of.status)).open_object().key("count").whole(of.count);
  if (of.status >= first_failure)
    out.key("fail_count").whole(of.count);
  out.key("avg_duration_micros");
  out.number(static_cast<double>(of.total_us) / static_cast<double>(of.count));
  out.key("min_duration_micros").number(static_cast<double>(of.min_us));
  out.key("max_duration_micros").number(static_cast<double>(of.max_us));
  out.key("total_duration_micros").whole(of.total_us);
  out.key("last_responded").text(instant_text(of.last_unix_ms)).close_object();
}

/// `{"PUT /route": {"200": {...}, ...}, ...}` of figures that are grouped by route.
void write_routes(json_writer& out, const std::vector<const route_figures*>& all) {
  std::string open;
  out.open_object();
  for (const auto* of : all) {
    const auto route = of->method + " " + of->endpoint;
    if (route != open) {
      if (!open.empty())
        out.close_object();
      out.key(route).open_object();
      open = route;
    }
    write_route_status(out, *of);
  }
  if (!open.empty())
    out.close_object();
  out.close_object();
}

void write_requests(json_writer& out, const telemetry& told, const telemetry_view& how) {
  std::map<std::string, std::vector<const route_figures*>> by_collection;
  for (const auto& of : told.routes)
    if (!of.endpoint.empty())
      by_collection[of.collection].push_back(&of);
  out.key("requests").open_object().key("rest").open_object().key("responses");
  write_routes(out, by_collection[""]);
  if (how.per_collection) {
    out.key("per_collection_responses").open_object();
    for (const auto& [name, routes] : by_collection) {
      if (name.empty())
        continue;
      out.key(shown_name(name, how));
      write_routes(out, routes);
    }
    out.close_object();
  }
  out.close_object().key("grpc").open_object();
  out.key("responses").open_object().close_object().close_object().close_object();
}

void write_local(json_writer& out, const local_shard& of, const collection_telemetry& about) {
  out.open_object().key("variant_name").null();
  out.key("status").text(health_text(about.about.health));
  out.key("total_optimized_points").whole(0).key("vectors_size_bytes").null();
  out.key("payloads_size_bytes").null().key("num_points").whole(of.points);
  out.key("num_vectors").null().key("num_vectors_by_name").null();
  out.key("optimizations").open_object().key("status");
  write_optimizer_status(out, about.about);
  out.key("optimizations").open_object().key("count").whole(0).close_object().close_object();
  out.key("async_scorer").null().key("update_queue").open_object();
  const auto waiting = of.raft ? of.raft->commit.value - of.raft->applied.value : 0;
  out.key("length").whole(waiting);
  if (of.raft)
    out.key("op_num").whole(of.raft->applied.value);
  out.close_object().close_object();
}

/// Every shard, with its replica here, if there is one, and where its others are.
void write_shards(json_writer& out, const collection_telemetry& about) {
  const auto& placed = about.placed;
  std::map<std::uint32_t, const local_shard*> shards;
  std::map<std::uint32_t, std::optional<shard_key>> keys;
  for (const auto& there : placed.remote) {
    shards[there.shard.value] = nullptr;
    keys[there.shard.value] = there.key;
  }
  for (const auto& here : placed.local) {
    shards[here.shard.value] = &here;
    keys[here.shard.value] = here.key;
  }
  out.key("shards").open_array();
  for (const auto& [number, here] : shards) {
    out.open_object().key("id").whole(number).key("key");
    if (const auto& key = keys[number])
      write_key(out, *key);
    else
      out.null();
    out.key("local");
    std::map<std::uint32_t, replica_standing> standings;
    if (here != nullptr) {
      write_local(out, *here, about);
      standings[placed.self.value] = here->standing;
    } else {
      out.null();
    }
    out.key("remote").open_array();
    for (const auto& there : placed.remote) {
      if (there.shard.value != number)
        continue;
      standings[there.node.value] = there.standing;
      out.open_object().key("shard_id").whole(number);
      out.key("peer_id").whole(there.node.value).close_object();
    }
    out.close_array().key("replicate_states").open_object();
    for (const auto& [node, standing] : standings)
      out.key(std::to_string(node)).text(state_text(standing));
    out.close_object().key("partial_snapshot").null().close_object();
  }
  out.close_array().key("transfers").open_array();
  for (const auto& move : placed.moves)
    write_transfer(out, move);
  out.close_array().key("resharding").open_array().close_array();
}

void write_one(json_writer& out, const collection_telemetry& of, const telemetry_view& how) {
  out.open_object();
  if (how.details == 1) {
    out.key("vectors").whole(of.about.vectors).key("optimizers_status");
    write_optimizer_status(out, of.about);
    out.key("params");
    write_collection_params(out, of.about.schema.options);
    out.close_object();
    return;
  }
  out.key("id").text(shown_name(of.name, how)).key("init_time_ms").null().key("config");
  write_collection_config(out, of.about.schema.options);
  if (how.details >= 3)
    write_shards(out, of);
  out.close_object();
}

void write_collections(json_writer& out, const telemetry& told, const telemetry_view& how) {
  out.key("collections").open_object();
  out.key("number_of_collections").whole(told.node.collections);
  if (how.details >= 1) {
    out.key("collections").open_array();
    for (const auto& each : told.collections)
      write_one(out, each, how);
    out.close_array().key("snapshots").open_array().close_array();
  }
  out.close_object();
}

void write_memory(json_writer& out, const telemetry& told) {
  const auto& memory = told.memory;
  out.key("memory").open_object().key("active_bytes").whole(memory.active);
  out.key("allocated_bytes").whole(memory.allocated).key("metadata_bytes").whole(0);
  out.key("resident_bytes").whole(memory.resident);
  out.key("retained_bytes").whole(memory.retained).close_object();
}

/// Null: a limit that is not enforced.
void write_verdict(json_writer& out, std::string_view key, std::optional<bool> exceeded) {
  out.key(key);
  if (exceeded)
    out.boolean(*exceeded);
  else
    out.null();
}

} // namespace

void write_telemetry(json_writer& out, const telemetry& told, const telemetry_view& how) {
  out.open_object().key("id").text(shown_name(told.node.node_id, how));
  write_app(out, told);
  write_collections(out, told, how);
  write_cluster(out, told, how);
  write_requests(out, told, how);
  if (how.details >= 1) {
    write_memory(out, told);
    out.key("hardware").open_object();
    out.key("collection_data").open_object().close_object().close_object();
    out.key("search_pool").open_object().key("mode").text("high_cpu");
    out.key("high_cpu_threads").whole(told.search_threads);
    out.key("high_io_threads").whole(0).close_object();
  }
  out.key("quota").open_object().key("config");
  write_quota_config(out, told.quota);
  out.key("exceeded").open_object();
  write_verdict(out, "resident_memory", told.exceeded.memory);
  write_verdict(out, "disk_usage", told.exceeded.disk);
  out.close_object().close_object();
  out.close_object();
}

} // namespace grape::http
