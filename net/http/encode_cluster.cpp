#include "net/http/encode_cluster.hpp"

#include "net/http/encode_points.hpp"
#include "net/http/instant.hpp"

#include <array>
#include <string_view>

namespace grape::http {

std::string_view state_text(replica_standing of) {
  switch (of) {
    case replica_standing::active: return "Active";
    case replica_standing::initializing: return "Initializing";
    case replica_standing::partial: return "Partial";
    case replica_standing::dead: return "Dead";
  }
  return "Dead";
}

std::string_view role_text(std::string_view role) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> names{{
      {"leader", "Leader"},
      {"follower", "Follower"},
      {"candidate", "Candidate"},
      {"pre_candidate", "PreCandidate"},
  }};
  for (const auto& [ours, theirs] : names)
    if (ours == role)
      return theirs;
  return {};
}

namespace {

template <class Id>
void write_optional(json_writer& out, std::string_view key, const std::optional<Id>& of) {
  out.key(key);
  if (of)
    out.whole(of->value);
  else
    out.null();
}

void write_text_if_any(json_writer& out, std::string_view key, const std::string& of) {
  if (!of.empty())
    out.key(key).text(of);
}

template <class Id>
void write_ids(json_writer& out, std::string_view key, const std::vector<Id>& all) {
  out.key(key).open_array();
  for (const auto& each : all)
    out.whole(each.value);
  out.close_array();
}

void write_raft_info(json_writer& out, const consensus_status& about) {
  out.key("raft_info").open_object();
  out.key("term").whole(about.raft.term.value).key("commit").whole(about.raft.commit.value);
  out.key("pending_operations").whole(about.pending);
  write_optional(out, "leader", about.leader);
  out.key("role");
  if (const auto role = role_text(about.raft.role); !role.empty())
    out.text(role);
  else
    out.null();
  out.key("is_voter").boolean(about.is_voter).close_object();
}

void write_local_shard(json_writer& out, const local_shard& of) {
  out.open_object().key("shard_id").whole(of.shard.value);
  write_shard_key(out, of.key);
  out.key("points_count").whole(of.points).key("state").text(state_text(of.standing));
  if (of.raft) {
    out.key("grape").open_object().key("role").text(of.raft->role);
    out.key("term").whole(of.raft->term.value).key("commit").whole(of.raft->commit.value);
    out.key("applied").whole(of.raft->applied.value).close_object();
  }
  out.close_object();
}

void write_node(json_writer& out, const node_view& node) {
  out.open_object().key("number").whole(node.number.value).key("name").text(node.name);
  out.key("peer_address").text(node.peer_address).key("http_address").text(node.http_address);
  out.key("state").text(node.state).key("incarnation").whole(node.incarnation);
  out.key("self").boolean(node.is_self).key("connected").boolean(node.connected);
  out.key("health").text(node.health).key("rtt_us").whole(node.rtt_us);
  write_text_if_any(out, "last_error", node.last_error);
  out.close_object();
}

void write_move(json_writer& out, const move_view& move) {
  out.open_object().key("number").whole(move.number);
  write_optional(out, "from", move.from);
  write_optional(out, "to", move.to);
  out.key("witness").boolean(move.witness).key("stage").text(move.stage);
  out.key("stage_ms").whole(move.stage_ms).close_object();
}

void write_shard(json_writer& out, const shard_view& of) {
  out.open_object().key("collection").text(of.collection).key("shard").whole(of.shard.value);
  write_shard_key(out, of.key);
  out.key("group").whole(of.group.value).key("epoch").whole(of.epoch.value);
  out.key("replication_factor").whole(of.factor);
  write_optional(out, "leader", of.leader);
  out.key("replicas").open_array();
  for (const auto& each : of.replicas) {
    out.open_object().key("id").whole(each.id.value).key("node").whole(each.node.value);
    write_text_if_any(out, "name", each.node_name);
    out.key("role").text(each.role).close_object();
  }
  out.close_array().key("move");
  if (of.move)
    write_move(out, *of.move);
  else
    out.null();
  out.close_object();
}

void write_group(json_writer& out, const group_view& of) {
  out.open_object().key("group").whole(of.group.value).key("name").text(of.name);
  out.key("replica").whole(of.self.value);
  write_text_if_any(out, "failure", of.failure);
  out.key("role").text(of.raft.role).key("term").whole(of.raft.term.value);
  out.key("leader").whole(of.leader.value).key("commit").whole(of.raft.commit.value);
  out.key("applied").whole(of.raft.applied.value).key("durable").whole(of.durable.value);
  out.key("first").whole(of.first.value).key("last").whole(of.last.value);
  out.key("asleep").boolean(of.asleep).key("members").open_object();
  write_ids(out, "voters", of.voters);
  write_ids(out, "outgoing", of.outgoing);
  write_ids(out, "learners", of.learners);
  write_ids(out, "witnesses", of.witnesses);
  out.close_object().key("progress").open_array();
  for (const auto& each : of.progress) {
    out.open_object().key("replica").whole(each.which.value).key("state").text(each.state);
    out.key("match").whole(each.match.value).key("next").whole(each.next.value);
    out.key("paused").boolean(each.paused).close_object();
  }
  out.close_array().close_object();
}

std::string_view status_text(const health_report& found) {
  if (found.findings.empty())
    return "healthy";
  return found.findings.front().how_bad == severity::critical ? "critical" : "warning";
}

void write_percent(json_writer& out, std::string_view key, std::optional<std::uint8_t> of) {
  out.key(key);
  if (of)
    out.whole(*of);
  else
    out.null();
}

/// What a node uses, as members of an object.
void write_usage(json_writer& out, const quota_usage& of) {
  write_percent(out, "resident_memory_percent", of.memory);
  write_percent(out, "disk_usage_percent", of.disk);
}

} // namespace

void write_transfer(json_writer& out, const shard_transfer& of) {
  out.open_object().key("shard_id").whole(of.shard.value);
  out.key("from").whole(of.from.value).key("to").whole(of.to.value);
  out.key("sync").boolean(of.keeps_source).key("method").text("snapshot");
  out.key("comment").text(of.stage).close_object();
}

void write_consensus_thread(json_writer& out, const cluster_status& about) {
  out.open_object().key("consensus_thread_status");
  if (about.consensus.failure.empty())
    out.text("working").key("last_update").text(instant_text(about.told_unix_ms));
  else
    out.text("stopped_with_err").key("err").text(about.consensus.failure);
  out.close_object();
}

void write_cluster_status(json_writer& out, const cluster_status& about) {
  out.open_object().key("status").text(about.enabled ? "enabled" : "disabled");
  if (!about.enabled) {
    out.close_object();
    return;
  }
  out.key("peer_id").whole(about.self.value).key("peers").open_object();
  for (const auto& peer : about.peers)
    out.key(std::to_string(peer.number.value))
        .open_object()
        .key("uri")
        .text("http://" + peer.address + "/")
        .close_object();
  out.close_object();
  write_raft_info(out, about.consensus);
  out.key("consensus_thread_status");
  write_consensus_thread(out, about);
  out.key("message_send_failures").open_object().close_object().close_object();
}

void write_collection_cluster(json_writer& out, const collection_cluster& about) {
  out.open_object().key("peer_id").whole(about.self.value);
  out.key("shard_count").whole(about.shard_count).key("local_shards").open_array();
  for (const auto& each : about.local)
    write_local_shard(out, each);
  out.close_array().key("remote_shards").open_array();
  for (const auto& each : about.remote) {
    out.open_object().key("shard_id").whole(each.shard.value);
    write_shard_key(out, each.key);
    out.key("peer_id").whole(each.node.value);
    out.key("state").text(state_text(each.standing)).close_object();
  }
  out.close_array().key("shard_transfers").open_array();
  for (const auto& each : about.moves)
    write_transfer(out, each);
  out.close_array().close_object();
}

void write_shard_keys(json_writer& out, const shard_key_list& all) {
  out.open_object();
  if (all.by_keys) {
    out.key("shard_keys").open_array();
    for (const auto& key : all.keys) {
      out.open_object().key("key");
      write_key(out, key);
      out.close_object();
    }
    out.close_array();
  }
  out.close_object();
}

void write_nodes(json_writer& out, const node_list& all) {
  out.open_object().key("nodes").open_array();
  for (const auto& each : all.nodes)
    write_node(out, each);
  out.close_array().close_object();
}

void write_shards(json_writer& out, const shard_list& all) {
  out.open_object().key("shards").open_array();
  for (const auto& each : all.shards)
    write_shard(out, each);
  out.close_array().close_object();
}

void write_groups(json_writer& out, const group_list& all) {
  out.open_object().key("groups").open_array();
  for (const auto& each : all.groups)
    write_group(out, each);
  out.close_array().close_object();
}

void write_recovered(json_writer& out, const recover_reply& what) {
  out.open_object().key("told").open_array();
  for (const auto& each : what.told)
    out.text(each);
  out.close_array().close_object();
}

void write_health(json_writer& out, const health_report& found) {
  out.open_object().key("node").text(found.node).key("status").text(status_text(found));
  out.key("findings").open_array();
  for (const auto& each : found.findings) {
    out.open_object().key("kind").text(each.kind);
    out.key("severity").text(each.how_bad == severity::critical ? "critical" : "warning");
    write_text_if_any(out, "node", each.node);
    write_text_if_any(out, "shard", each.shard);
    out.key("reason").text(each.reason).close_object();
  }
  out.close_array().close_object();
}

void write_quota_config(json_writer& out, const quota_config& of) {
  out.open_object().key("enabled").boolean(of.enabled);
  if (of.memory_max)
    out.key("max_resident_memory_percent").whole(*of.memory_max);
  if (of.disk_max)
    out.key("max_disk_usage_percent").whole(*of.disk_max);
  if (of.release_margin)
    out.key("release_margin_percent").whole(*of.release_margin);
  out.close_object();
}

void write_quotas(json_writer& out, const quota_status& of) {
  out.open_object().key("config");
  write_quota_config(out, of.config);
  out.key("usage").open_object();
  write_usage(out, of.usage);
  out.close_object();
  if (of.peers) {
    out.key("peers").open_object();
    for (const auto& [number, peer] : *of.peers) {
      out.key(std::to_string(number)).open_object();
      write_usage(out, peer.usage);
      out.key("exceeded").boolean(peer.exceeded).close_object();
    }
    out.close_object();
  }
  out.close_object();
}

} // namespace grape::http
