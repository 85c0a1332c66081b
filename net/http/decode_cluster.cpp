#include "net/http/decode_cluster.hpp"

#include "net/http/decode_common.hpp"

namespace grape::http {

namespace {

std::uint32_t need_u32(const node& of, std::string_view key) {
  const auto found = of.need(key);
  return found ? static_cast<std::uint32_t>(found->whole(0xFFFF'FFFFu, "u32")) : 0;
}

std::uint64_t read_peer_id(const node& of) {
  return of.whole(~std::uint64_t{0}, "u64");
}

/// Any u64 is a peer's id; what no node can have is nobody's.
node_number peer_of(const node& of, std::uint64_t id) {
  if (id <= 0xFFFF'FFFFu)
    return node_number{static_cast<std::uint32_t>(id)};
  of.refuse(errc::bad_request, "Peer " + std::to_string(id) + " does not exist");
  return {};
}

std::uint64_t need_peer_id(const node& of, std::string_view key) {
  const auto found = of.need(key);
  return found ? read_peer_id(*found) : 0;
}

node_number need_peer(const node& of, std::string_view key) {
  return peer_of(of, need_peer_id(of, key));
}

/// However it is asked for, data travel as a snapshot and the log after it.
void read_method(const node& of) {
  if (const auto method = of.field("method"))
    method->variant({"stream_records", "snapshot", "wal_delta"});
}

template <class Transfer>
Transfer read_transfer(const node& of) {
  const shard_id shard{need_u32(of, "shard_id")};
  const auto from = need_peer_id(of, "from_peer_id");
  const auto to = need_peer_id(of, "to_peer_id");
  read_method(of);
  if (from == to && of.field("from_peer_id") && of.field("to_peer_id"))
    of.invalid("value " + std::to_string(to) + " must not match with value " + std::to_string(from)
                   + " of from_peer_id",
               "to_peer_id");
  return {shard, peer_of(of, from), peer_of(of, to)};
}

/// All replicas of a new key serve at once.
void read_initial_state(const node& of) {
  constexpr const char* states[] = {"Active",      "Dead",
                                    "Partial",     "Initializing",
                                    "Listener",    "PartialSnapshot",
                                    "Recovery",    "Resharding",
                                    "ReshardingScaleDown", "ActiveRead",
                                    "ManualRecovery"};
  const auto state = of.field("initial_state");
  if (!state)
    return;
  const auto which = state->variant({states[0], states[1], states[2], states[3], states[4],
                                     states[5], states[6], states[7], states[8], states[9],
                                     states[10]});
  if (which == 2)
    state->unavailable("a shard key whose initial state is Partial");
  else if (which != 0)
    state->refuse(errc::bad_request, std::string{"Initial state cannot be "} + states[which]
                                         + ", only Active or Partial are allowed");
}

change_shard_keys_request read_add_key(const node& of) {
  add_shard_key wanted;
  if (!of.expect_object())
    return {};
  if (const auto key = of.need("shard_key"))
    wanted.key = read_shard_key(*key);
  wanted.shards = u32_field(of, "shards_number", 1);
  if (!wanted.shards)
    wanted.shards = u32_field(of, "shard_number", 1);
  wanted.replication_factor = u32_field(of, "replication_factor", 1);
  if (const auto placement = of.field("placement")) {
    auto& nodes = wanted.placement.emplace();
    placement->each_item(
        [&nodes](const node& peer) { nodes.push_back(peer_of(peer, read_peer_id(peer))); });
  }
  read_initial_state(of);
  return {.collection = {}, .what = std::move(wanted)};
}

change_shard_keys_request read_remove_key(const node& of) {
  remove_shard_key wanted;
  if (of.expect_object())
    if (const auto key = of.need("shard_key"))
      wanted.key = read_shard_key(*key);
  return {.collection = {}, .what = std::move(wanted)};
}

cluster_operation read_operation(const node& of) {
  if (const auto add = of.field("create_sharding_key"))
    return read_add_key(*add);
  if (const auto remove = of.field("drop_sharding_key"))
    return read_remove_key(*remove);
  change_replicas_request out;
  if (!of.expect_object())
    return out;
  if (const auto move = of.field("move_shard"))
    out.what = read_transfer<grape::move_shard>(*move);
  else if (const auto copy = of.field("replicate_shard"))
    out.what = read_transfer<grape::replicate_shard>(*copy);
  else if (const auto abort = of.field("abort_transfer"))
    out.what =
        grape::abort_transfer{shard_id{need_u32(*abort, "shard_id")},
                              need_peer(*abort, "from_peer_id"), need_peer(*abort, "to_peer_id")};
  else if (const auto drop = of.field("drop_replica"))
    out.what =
        grape::drop_replica{shard_id{need_u32(*drop, "shard_id")}, need_peer(*drop, "peer_id")};
  else if (of.field("start_resharding") || of.field("abort_resharding"))
    of.refuse(errc::bad_request, "resharding is only supported in Qdrant Cloud");
  else if (of.field("restart_transfer"))
    of.unavailable("restart_transfer");
  else if (of.field("replicate_points"))
    of.unavailable("replicate_points");
  else
    of.malformed("data did not match any variant of untagged enum ClusterOperations");
  return out;
}

} // namespace

outcome<recover_request> decode_recover(std::string& body) {
  return decode_body<recover_request>(body, {}, [](const node& of) {
    recover_request out;
    if (!of.expect_object())
      return out;
    if (const auto lost = of.need("lost"))
      out.lost = read_texts(*lost);
    return out;
  });
}

outcome<set_quotas_request> decode_quotas(std::string& body) {
  return decode_body<set_quotas_request>(body, {}, [](const node& of) {
    set_quotas_request out;
    if (!of.expect_object())
      return out;
    const auto percent = [&](std::string_view key, std::uint64_t least) {
      const auto found = whole_field(
          of, key, {.least = least, .most = 100, .type_max = 0xFFu, .type = "u8"});
      return found ? std::optional{static_cast<std::uint8_t>(*found)} : std::nullopt;
    };
    out.to.enabled = boolean_field(of, "enabled").value_or(false);
    out.to.memory_max = percent("max_resident_memory_percent", 1);
    out.to.disk_max = percent("max_disk_usage_percent", 1);
    out.to.release_margin = percent("release_margin_percent", 0);
    return out;
  });
}

outcome<cluster_operation> decode_cluster_operation(std::string& body) {
  return decode_body<cluster_operation>(body, {}, read_operation);
}

outcome<change_shard_keys_request> decode_add_shard_key(std::string& body) {
  return decode_body<change_shard_keys_request>(body, {}, read_add_key);
}

outcome<change_shard_keys_request> decode_remove_shard_key(std::string& body) {
  return decode_body<change_shard_keys_request>(body, {}, read_remove_key);
}

} // namespace grape::http
