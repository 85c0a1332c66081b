#include "net/http/routes.hpp"

#include "net/http/handlers.hpp"

#include <algorithm>

namespace grape::http {

namespace {

constexpr std::string_view collection_parameter = "{collection_name}";
constexpr std::string_view shard_parameter = "{shard_id}";

constexpr route read_of(verb method, std::string_view path, void (*serve)(call&)) {
  return {method, path, serve, name_rule::any, route_kind::read};
}

constexpr route table[] = {
  {verb::get, "/", tell_version},
  {verb::get, "/healthz", tell_health, name_rule::any, route_kind::probe},
  {verb::get, "/livez", tell_health, name_rule::any, route_kind::probe},
  {verb::get, "/readyz", tell_readiness, name_rule::any, route_kind::probe},
  {verb::get, "/metrics", tell_metrics, name_rule::any, route_kind::probe},
  {verb::get, "/telemetry", tell_telemetry},
  {verb::get, "/issues", tell_issues},
  {verb::del, "/issues", clear_issues},
  {verb::get, "/quotas", tell_quotas},
  {verb::put, "/quotas", set_quotas},
  {verb::get, "/cluster", tell_cluster},
  {verb::post, "/cluster/recover", recover_peer},
  {verb::del, "/cluster/peer/{peer_id}", remove_peer},
  {verb::get, "/collections", list_collections},
  {verb::get, "/collections/{collection_name}", describe_collection},
  {verb::put, "/collections/{collection_name}", create_collection, name_rule::strict},
  {verb::patch, "/collections/{collection_name}", update_collection},
  {verb::del, "/collections/{collection_name}", delete_collection},
  {verb::get, "/collections/{collection_name}/exists", collection_exists},
  {verb::get, "/collections/{collection_name}/optimizations", tell_optimizations},
  {verb::get, "/collections/{collection_name}/cluster", describe_collection_cluster},
  {verb::post, "/collections/{collection_name}/cluster", change_replicas},
  {verb::get, "/collections/{collection_name}/shards", list_shard_keys},
  {verb::put, "/collections/{collection_name}/shards", create_shard_key},
  {verb::post, "/collections/{collection_name}/shards/delete", delete_shard_key},
  {verb::get, "/collections/{collection_name}/snapshots", list_snapshots},
  {verb::post, "/collections/{collection_name}/snapshots", make_snapshot},
  {verb::get, "/collections/{collection_name}/snapshots/{snapshot_name}", download_snapshot},
  {verb::del, "/collections/{collection_name}/snapshots/{snapshot_name}", delete_snapshot},
  {verb::put, "/collections/{collection_name}/snapshots/recover", recover_snapshot,
   name_rule::strict},
  {verb::post, "/collections/{collection_name}/snapshots/upload", upload_snapshot,
   name_rule::strict, route_kind::upload},
  {verb::get, "/collections/{collection_name}/shards/{shard_id}/snapshot", stream_snapshot},
  {verb::get, "/collections/{collection_name}/shards/{shard_id}/snapshots", list_snapshots},
  {verb::post, "/collections/{collection_name}/shards/{shard_id}/snapshots", make_snapshot},
  {verb::get, "/collections/{collection_name}/shards/{shard_id}/snapshots/{snapshot_name}",
   download_snapshot},
  {verb::del, "/collections/{collection_name}/shards/{shard_id}/snapshots/{snapshot_name}",
   delete_snapshot},
  {verb::put, "/collections/{collection_name}/shards/{shard_id}/snapshots/recover",
   recover_snapshot},
  {verb::post, "/collections/{collection_name}/shards/{shard_id}/snapshots/upload",
   upload_snapshot, name_rule::any, route_kind::upload},
  {verb::get, "/snapshots", list_snapshots},
  {verb::post, "/snapshots", make_snapshot},
  {verb::get, "/snapshots/{snapshot_name}", download_snapshot},
  {verb::del, "/snapshots/{snapshot_name}", delete_snapshot},
  {verb::get, "/aliases", list_aliases},
  {verb::get, "/collections/{collection_name}/aliases", list_collection_aliases},
  {verb::post, "/collections/aliases", change_aliases},
  {verb::put, "/collections/{collection_name}/index", create_field_index},
  {verb::del, "/collections/{collection_name}/index/{field_name}", delete_field_index},
  {verb::put, "/collections/{collection_name}/vectors/{vector_name}", create_vector},
  {verb::del, "/collections/{collection_name}/vectors/{vector_name}", delete_vector},
  {verb::put, "/collections/{collection_name}/points", upsert_points},
  {verb::post, "/collections/{collection_name}/points/delete", remove_points},
  {verb::post, "/collections/{collection_name}/points/payload", merge_payload},
  {verb::put, "/collections/{collection_name}/points/payload", overwrite_payload},
  {verb::post, "/collections/{collection_name}/points/payload/delete", remove_payload},
  {verb::post, "/collections/{collection_name}/points/payload/clear", empty_payload},
  {verb::put, "/collections/{collection_name}/points/vectors", replace_vectors},
  {verb::post, "/collections/{collection_name}/points/vectors/delete", remove_vectors},
  {verb::post, "/collections/{collection_name}/points/batch", write_in_batch},
  read_of(verb::get, "/collections/{collection_name}/points/{id}", get_point),
  read_of(verb::post, "/collections/{collection_name}/points", retrieve_points),
  read_of(verb::post, "/collections/{collection_name}/points/scroll", scroll_points),
  read_of(verb::post, "/collections/{collection_name}/points/count", count_points),
  read_of(verb::post, "/collections/{collection_name}/facet", facet_points),
  read_of(verb::post, "/collections/{collection_name}/points/query", query_points),
  read_of(verb::post, "/collections/{collection_name}/points/query/batch", query_in_batch),
  read_of(verb::post, "/collections/{collection_name}/points/query/groups", query_groups),
  read_of(verb::post, "/collections/{collection_name}/points/search", search_points),
  read_of(verb::post, "/collections/{collection_name}/points/search/batch", search_in_batch),
  read_of(verb::post, "/collections/{collection_name}/points/search/groups", search_groups),
  read_of(verb::post, "/collections/{collection_name}/points/recommend", recommend_points),
  read_of(verb::post, "/collections/{collection_name}/points/recommend/batch",
          recommend_in_batch),
  read_of(verb::post, "/collections/{collection_name}/points/recommend/groups", recommend_groups),
  read_of(verb::post, "/collections/{collection_name}/points/discover", discover_points),
  read_of(verb::post, "/collections/{collection_name}/points/discover/batch", discover_in_batch),
  read_of(verb::post, "/collections/{collection_name}/points/search/matrix/pairs",
          search_matrix_pairs),
  read_of(verb::post, "/collections/{collection_name}/points/search/matrix/offsets",
          search_matrix_offsets),
  {verb::get, "/grape/v1/status", tell_node_status},
  {verb::get, "/grape/v1/actors", list_actors},
  {verb::post, "/grape/v1/actors/kill", kill_actor},
  {verb::get, "/grape/v1/nodes", list_nodes},
  {verb::post, "/grape/v1/nodes/{name}/activate", activate_node},
  {verb::post, "/grape/v1/nodes/{name}/drain", drain_node},
  {verb::post, "/grape/v1/nodes/{name}/remove", remove_node},
  {verb::post, "/grape/v1/nodes/{name}/forget", forget_node},
  {verb::post, "/grape/v1/nodes/{name}/replace", replace_node},
  {verb::post, "/grape/v1/cluster/join", join_cluster},
  {verb::post, "/grape/v1/cluster/recover", recover_cluster},
  {verb::get, "/grape/v1/shards", list_shards},
  {verb::get, "/grape/v1/raft", list_groups},
  {verb::get, "/grape/v1/health", check_health},
  {verb::get, "/grape/v1/storage/size", tell_storage_size},
  {verb::post, "/grape/v1/storage/flush", flush_storage},
  {verb::post, "/grape/v1/storage/sync", sync_storage},
  {verb::post, "/grape/v1/storage/compact", compact_storage},
  {verb::post, "/grape/v1/storage/warm", warm_storage},
  {verb::post, "/grape/v1/storage/digest", digest_storage},
  {verb::get, "/grape/v1/storage/checkpoints", list_checkpoints},
  {verb::post, "/grape/v1/storage/checkpoints", make_checkpoint},
  {verb::del, "/grape/v1/storage/checkpoints/{name}", delete_checkpoint},
  {verb::post, "/grape/v1/storage/backup", back_up},
  {verb::post, "/grape/v1/storage/restore", restore_storage},
};

/// Takes the next segment off `path`, which begins with '/'.
std::string_view next_segment(std::string_view& path) {
  path.remove_prefix(1);
  const auto end = std::min(path.find('/'), path.size());
  const auto segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

bool fits(const route& candidate, std::string_view path, matched_route& into) {
  auto pattern = candidate.path;
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = next_segment(pattern);
    const auto given = next_segment(path);
    if (!wanted.starts_with('{')) {
      if (wanted != given)
        return false;
    } else if (given.empty()) {
      return false;
    } else {
      auto& place = wanted == collection_parameter ? into.collection
                    : wanted == shard_parameter    ? into.shard
                                                   : into.tail;
      place = given;
    }
  }
  return pattern.empty() && path.empty();
}

std::size_t count_characters(std::string_view utf8) {
  const auto opens_character = [](char c) { return (c & '\xC0') != '\x80'; };
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), opens_character));
}

} // namespace

std::span<const route> routes() {
  return table;
}

matched_route match(verb method, std::string_view path) {
  while (path.size() > 1 && path.ends_with('/'))
    path.remove_suffix(1);
  if (!path.starts_with('/'))
    return {};
  for (const auto& candidate : table) {
    matched_route out;
    if (candidate.method == method && fits(candidate, path, out)) {
      out.found = &candidate;
      return out;
    }
  }
  return {};
}

bool is_probe(const request& asked) {
  const auto matched = match(asked.method, asked.path);
  return matched.found != nullptr && matched.found->kind == route_kind::probe;
}

status check_collection_name(std::string_view name, name_rule rule) {
  constexpr std::size_t characters_max = 255;
  constexpr std::string_view strictly_forbidden{"<>:\"/\\|?*\0\x1F", 11};
  constexpr std::string_view always_forbidden{"/\0", 2};
  std::string text;
  if (name.empty() || count_characters(name) > characters_max) {
    json_writer shown;
    shown.text(name);
    text = "collection_name: value " + std::move(shown).take()
           + " invalid, must be from 1 to 255 characters";
  }
  const auto& forbidden = rule == name_rule::strict ? strictly_forbidden : always_forbidden;
  for (const auto c : forbidden) {
    if (name.find(c) == std::string_view::npos)
      continue;
    text += (text.empty() ? "" : "; ") + std::string("collection_name: collection name cannot")
            + " contain \"" + std::string(1, c) + "\" char";
    break;
  }
  if (text.empty() && rule == name_rule::strict && (name == "." || name == ".."))
    text = "collection_name: collection name cannot be \"" + std::string(name) + "\"";
  if (text.empty())
    return {};
  return {errc::invalid, "Validation error in path parameters: [" + text + "]"};
}

} // namespace grape::http
