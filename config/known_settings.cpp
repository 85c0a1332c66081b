#include "config/known_settings.hpp"

#include <concepts>
#include <optional>
#include <utility>

namespace grape {

namespace {

std::string kind_of(const setting_value& value) {
  static constexpr const char* names[] = {"true or false", "a whole number",
                                          "a number with a point", "a text", "a list of texts"};
  if (const auto* other = std::get_if<unreadable>(&value))
    return other->kind;
  return names[value.index()];
}

std::string expected(const char* what, const setting_value& value) {
  return std::string{"expected "} + what + ", got " + kind_of(value);
}

template <class Section, std::unsigned_integral T>
known_setting whole(Section node_config::*section, T Section::*field, std::uint64_t least,
                    std::uint64_t most) {
  return {setting_kind::whole, [=](const setting_value& value, node_config& into) -> std::string {
            const auto* given = std::get_if<std::int64_t>(&value);
            if (given == nullptr)
              return expected("a whole number", value);
            if (*given < 0 || static_cast<std::uint64_t>(*given) < least
                || static_cast<std::uint64_t>(*given) > most)
              return std::to_string(*given) + " is out of range, must be from "
                     + std::to_string(least) + " to " + std::to_string(most);
            (into.*section).*field = static_cast<T>(*given);
            return {};
          }};
}

template <class Section>
known_setting truth(Section node_config::*section, bool Section::*field) {
  return {setting_kind::truth, [=](const setting_value& value, node_config& into) -> std::string {
            const auto* given = std::get_if<bool>(&value);
            if (given == nullptr)
              return expected("true or false", value);
            (into.*section).*field = *given;
            return {};
          }};
}

template <class Section>
known_setting text(Section node_config::*section, std::string Section::*field) {
  return {setting_kind::text, [=](const setting_value& value, node_config& into) -> std::string {
            const auto* given = std::get_if<std::string>(&value);
            if (given == nullptr)
              return expected("a text", value);
            (into.*section).*field = *given;
            return {};
          }};
}

std::string store_join(const setting_value& value, node_config& into) {
  const auto* given = std::get_if<std::vector<std::string>>(&value);
  if (given == nullptr)
    return expected("a list of texts", value);
  into.cluster.join = *given;
  return {};
}

std::string store_founders(const setting_value& value, node_config& into) {
  const auto* given = std::get_if<std::vector<std::string>>(&value);
  if (given == nullptr)
    return expected("a list of texts", value);
  into.cluster.founders.clear();
  for (const auto& each : *given) {
    const auto equals = each.find('=');
    if (equals == 0 || equals == std::string::npos || each.find(':', equals) == std::string::npos)
      return "`" + each + "` is not of the form id=host:port";
    into.cluster.founders.push_back({each.substr(0, equals), each.substr(equals + 1)});
  }
  return {};
}

std::string store_fsync(const setting_value& value, node_config& into) {
  static const std::map<std::string, storage::fsync_policy> names{
    {"always", storage::fsync_policy::always},
    {"interval", storage::fsync_policy::interval},
    {"never", storage::fsync_policy::never}};
  const auto* given = std::get_if<std::string>(&value);
  if (given == nullptr)
    return expected("a text", value);
  const auto found = names.find(*given);
  if (found == names.end())
    return "`" + *given + "` is not one of always, interval, never";
  into.storage.fsync = found->second;
  return {};
}

using table = std::map<std::string, known_setting>;

void add_doors(table& to) {
  const auto http = &node_config::http;
  to["http.bind"] = text(http, &http_settings::bind);
  to["http.port"] = whole(http, &http_settings::port, 0, 65'535);
  to["http.advertise"] = text(http, &http_settings::advertise);
  to["http.io_threads"] = whole(http, &http_settings::io_threads, 1, 64);
  to["http.connections_max"] = whole(http, &http_settings::connections_max, 1, 1'000'000);
  to["http.in_flight_max"] = whole(http, &http_settings::in_flight_max, 1, 1'000'000);
  to["http.body_bytes_max"] = whole(http, &http_settings::body_bytes_max, 1u << 10, 1u << 30);
  to["http.body_bytes_in_flight_max"]
    = whole(http, &http_settings::body_bytes_in_flight_max, 1u << 10, 1ull << 40);
  to["http.upload_bytes_max"] = whole(http, &http_settings::upload_bytes_max, 0, 1ull << 50);
  to["http.answer_bytes_in_flight_max"]
    = whole(http, &http_settings::answer_bytes_in_flight_max, 1u << 20, 1ull << 40);
  to["http.header_bytes_max"] = whole(http, &http_settings::header_bytes_max, 1u << 10, 1u << 20);
  to["http.idle_timeout_s"] = whole(http, &http_settings::idle_timeout_s, 1, 86'400);
  to["http.api_key"] = text(http, &http_settings::api_key);
  to["http.read_only_api_key"] = text(http, &http_settings::read_only_api_key);
  to["http.enable_cors"] = truth(http, &http_settings::enable_cors);
  to["http.jwt_rbac"] = truth(http, &http_settings::jwt_rbac);

  const auto peer = &node_config::peer;
  to["peer.bind"] = text(peer, &peer_settings::bind);
  to["peer.port"] = whole(peer, &peer_settings::port, 0, 65'535);
  to["peer.advertise"] = text(peer, &peer_settings::advertise);
  to["peer.insecure"] = truth(peer, &peer_settings::insecure);
  to["peer.tls_cert"] = text(peer, &peer_settings::tls_cert);
  to["peer.tls_key"] = text(peer, &peer_settings::tls_key);
  to["peer.tls_ca"] = text(peer, &peer_settings::tls_ca);
}

void add_cluster(table& to) {
  const auto cluster = &node_config::cluster;
  to["cluster.name"] = text(cluster, &cluster_settings::name);
  to["cluster.founders"] = {setting_kind::list, store_founders};
  to["cluster.join"] = {setting_kind::list, store_join};
  to["cluster.repair_delay_s"] = whole(cluster, &cluster_settings::repair_delay_s, 1, 86'400);

  const auto raft = &node_config::raft;
  to["raft.tick_ms"] = whole(raft, &raft_settings::tick_ms, 10, 10'000);
  to["raft.heartbeat_ticks"] = whole(raft, &raft_settings::heartbeat_ticks, 1, 1'000);
  to["raft.election_ticks"] = whole(raft, &raft_settings::election_ticks, 1, 10'000);
  to["raft.snapshot_mb_per_s"] = whole(raft, &raft_settings::snapshot_mb_per_s, 0, 1u << 20);
}

void add_machine(table& to) {
  const auto storage = &node_config::storage;
  to["storage.fsync"] = {setting_kind::text, store_fsync};
  to["storage.workers"] = whole(storage, &storage_settings::workers, 1, 64);
  to["storage.cache_mb"] = whole(storage, &storage_settings::cache_mb, 1, 1u << 20);
  to["storage.write_buffer_mb"] = whole(storage, &storage_settings::write_buffer_mb, 1, 1'024);
  to["storage.log_segment_mb"] = whole(storage, &storage_settings::log_segment_mb, 1, 1'024);
  to["storage.sync_interval_s"] = whole(storage, &storage_settings::sync_interval_s, 1, 3'600);
  to["storage.sync_interval_mb"] = whole(storage, &storage_settings::sync_interval_mb, 1, 65'536);

  to["search.threads"] = whole(&node_config::search, &search_settings::threads, 0, 256);
  to["search.wait_ms_max"]
    = whole(&node_config::search, &search_settings::wait_ms_max, 1, 600'000);
  to["search.queue_max"] = whole(&node_config::search, &search_settings::queue_max, 1, 1'000'000);
  to["index.threads"] = whole(&node_config::index, &index_settings::threads, 0, 256);

  const auto collections = &node_config::collections;
  to["collections.shard_number"] =
      whole(collections, &collection_settings::shard_number, 1, 16'384);
  to["collections.replication_factor"] =
      whole(collections, &collection_settings::replication_factor, 1, 64);

  const auto limits = &node_config::limits;
  to["limits.collections_max"] = whole(limits, &limit_settings::collections_max, 1, 1'000'000);
  to["limits.shards_per_collection_max"]
    = whole(limits, &limit_settings::shards_per_collection_max, 1, 16'384);
}

} // namespace

const std::map<std::string, known_setting>& known_settings() {
  static const table all = [] {
    table made;
    made["node.id"] = text(&node_config::node, &node_settings::id);
    made["node.data_dir"] = text(&node_config::node, &node_settings::data_dir);
    made["node.test_hooks"] = truth(&node_config::node, &node_settings::test_hooks);
    add_doors(made);
    add_cluster(made);
    add_machine(made);
    return made;
  }();
  return all;
}

} // namespace grape
