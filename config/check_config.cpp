#include "config/check_config.hpp"

#include "core/cluster/node_names.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace grape {

namespace {

using flaw = std::optional<config_flaw>;

bool is_address(const std::string& text) {
  in6_addr parsed{};
  return ::inet_pton(AF_INET, text.c_str(), &parsed) == 1
         || ::inet_pton(AF_INET6, text.c_str(), &parsed) == 1;
}

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1";
}

using cluster::is_host_and_port;

flaw flaw_of_node(const node_settings& node) {
  if (!cluster::is_node_name(node.id))
    return config_flaw{{"node.id"}, "`" + node.id + "` is not 1 to 64 of A-Z a-z 0-9 _ . -"};
  if (node.data_dir.empty())
    return config_flaw{{"node.data_dir"}, "must name a directory"};
  return {};
}

/// Of what can stand in a header.
bool is_key(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

flaw flaw_of_http(const http_settings& http) {
  if (!is_address(http.bind))
    return config_flaw{{"http.bind"}, "`" + http.bind + "` is not a numeric IP address"};
  if (!http.advertise.empty() && !is_host_and_port(http.advertise))
    return config_flaw{{"http.advertise"}, "`" + http.advertise + "` is not host:port"};
  if (http.body_bytes_in_flight_max < http.body_bytes_max)
    return config_flaw{{"http.body_bytes_in_flight_max", "http.body_bytes_max"},
                       "all bodies together (" + std::to_string(http.body_bytes_in_flight_max)
                         + " bytes) are less than one may have ("
                         + std::to_string(http.body_bytes_max) + " bytes)"};
  if (!is_key(http.api_key) || !is_key(http.read_only_api_key))
    return config_flaw{{"http.api_key", "http.read_only_api_key"},
                       "a key consists of visible ASCII characters"};
  if (http.jwt_rbac && http.api_key.empty())
    return config_flaw{{"http.jwt_rbac", "http.api_key"},
                       "tokens are signed with api_key, and there is none"};
  return {};
}

flaw flaw_of_peer(const peer_settings& peer) {
  if (!is_address(peer.bind))
    return config_flaw{{"peer.bind"}, "`" + peer.bind + "` is not a numeric IP address"};
  if (!peer.advertise.empty() && !is_host_and_port(peer.advertise))
    return config_flaw{{"peer.advertise"}, "`" + peer.advertise + "` is not host:port"};
  const auto given = static_cast<int>(!peer.tls_cert.empty()) + !peer.tls_key.empty()
                     + !peer.tls_ca.empty();
  if (given != 0 && given != 3)
    return config_flaw{{"peer.tls_cert", "peer.tls_key", "peer.tls_ca"},
                       "tls_cert, tls_key and tls_ca are given together or not at all"};
  if (!is_loopback(peer.bind) && given == 0 && !peer.insecure)
    return config_flaw{{"peer.bind"}, "`" + peer.bind
                                        + "` is open to strangers: give tls_cert, tls_key and "
                                          "tls_ca, or say insecure = true"};
  return {};
}

flaw flaw_of_raft(const raft_settings& raft) {
  if (raft.election_ticks >= 3ull * raft.heartbeat_ticks)
    return {};
  return config_flaw{{"raft.election_ticks", "raft.heartbeat_ticks"},
                     "an election timeout of " + std::to_string(raft.election_ticks)
                       + " ticks is less than 3 heartbeats of "
                       + std::to_string(raft.heartbeat_ticks) + " ticks"};
}

flaw flaw_of_cluster(const node_config& config) {
  const auto& founders = config.cluster.founders;
  if (config.cluster.name.empty())
    return config_flaw{{"cluster.name"}, "must not be empty"};
  std::set<std::string> seen;
  for (const auto& each : founders) {
    if (!cluster::is_node_name(each.id))
      return config_flaw{{"cluster.founders"},
                         "`" + each.id + "` is not 1 to 64 of A-Z a-z 0-9 _ . -"};
    if (!is_host_and_port(each.address))
      return config_flaw{{"cluster.founders"}, "`" + each.address + "` is not host:port"};
    if (!seen.insert(each.id).second || !seen.insert("at " + each.address).second)
      return config_flaw{{"cluster.founders"}, "`" + each.id + "=" + each.address
                                                 + "` repeats an id or an address"};
  }
  if (!config.cluster.join.empty() && !founders.empty())
    return config_flaw{{"cluster.join", "cluster.founders"},
                       "a node is a founder, or joins later: give one of them"};
  for (const auto& each : config.cluster.join)
    if (!is_host_and_port(each))
      return config_flaw{{"cluster.join"}, "`" + each + "` is not host:port, of HTTP"};
  if (!founders.empty()
      && std::none_of(founders.begin(), founders.end(),
                      [&config](const auto& each) { return each.id == config.node.id; }))
    return config_flaw{{"cluster.founders"}, "node.id `" + config.node.id + "` is not among them"};
  return {};
}

flaw flaw_of_limits(const node_config& config) {
  const auto wanted = config.collections.shard_number;
  const auto most = config.limits.shards_per_collection_max;
  if (wanted <= most)
    return {};
  return config_flaw{{"collections.shard_number", "limits.shards_per_collection_max"},
                     "a new collection would have " + std::to_string(wanted)
                         + " shards, but more than " + std::to_string(most) + " are not allowed"};
}

} // namespace

std::optional<config_flaw> flaw_of(const node_config& config) {
  for (auto found : {flaw_of_node(config.node), flaw_of_http(config.http),
                     flaw_of_peer(config.peer), flaw_of_raft(config.raft),
                     flaw_of_cluster(config), flaw_of_limits(config)})
    if (found)
      return found;
  return {};
}

} // namespace grape
