#include "net/http/decode_cluster.hpp"

#include "net/http/decode_common.hpp"

namespace grape::http {

namespace {

std::uint32_t need_u32(const node& of, std::string_view key) {
  const auto found = of.need(key);
  return found ? static_cast<std::uint32_t>(found->whole(0xFFFF'FFFFu, "u32")) : 0;
}

/// Any u64 is a peer's id; what no node can have is nobody's, and the house says so.
node_number need_peer(const node& of, std::string_view key) {
  const auto found = of.need(key);
  const auto id = found ? found->whole(~std::uint64_t{0}, "u64") : 0;
  return node_number{id > 0xFFFF'FFFFu ? 0 : static_cast<std::uint32_t>(id)};
}

/// However it is asked for, data travel as a snapshot and the log after it.
void read_method(const node& of) {
  if (const auto method = of.field("method"))
    method->variant({"stream_records", "snapshot", "wal_delta"});
}

template <class Transfer>
Transfer read_transfer(const node& of) {
  Transfer out{shard_id{need_u32(of, "shard_id")}, need_peer(of, "from_peer_id"),
               need_peer(of, "to_peer_id")};
  read_method(of);
  if (out.from == out.to && of.field("from_peer_id") && of.field("to_peer_id"))
    of.invalid("value " + std::to_string(out.to.value) + " must not match with value "
                   + std::to_string(out.from.value) + " of from_peer_id",
               "to_peer_id");
  return out;
}

change_replicas_request read_change(const node& of) {
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
  else if (of.field("create_sharding_key") || of.field("drop_sharding_key"))
    of.unavailable("sharding by keys");
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

outcome<change_replicas_request> decode_change_replicas(std::string& body) {
  return decode_body<change_replicas_request>(body, {}, read_change);
}

} // namespace grape::http
