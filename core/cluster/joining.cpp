#include "core/cluster/joining.hpp"

#include "core/cluster/node_names.hpp"
#include "core/codec/pack.hpp"
#include "core/link/hello.hpp"

#include <utility>

namespace grape::cluster {

namespace {

constexpr std::uint64_t version = 1;

status refused(std::string why) {
  return {errc::bad_request, std::move(why)};
}

status not_its_disk(std::string why) {
  return {errc::already_exists, std::move(why)};
}

std::string named(const join_request& asked) {
  return "node `" + asked.name + "`";
}

std::string named(node_number number, const std::string& name) {
  return "node " + std::to_string(number.value) + " `" + name + "`";
}

/// Of a node that says which one it is.
outcome<std::optional<node_number>> check_member(const metadata& state, const join_request& asked) {
  if (asked.cluster_id != state.cluster_id())
    return not_its_disk("the disk of " + named(asked) + " belongs to the cluster "
                        + asked.cluster_id + ", this is " + state.cluster_id()
                        + ": a node that changes its cluster starts with an empty data directory");
  const auto at = state.nodes().find(asked.number);
  if (at == state.nodes().end() || at->second.name != asked.name)
    return std::optional{asked.number}; // Newer than what is known here, perhaps.
  if (at->second.state == node_state::removed)
    return not_its_disk(named(asked.number, asked.name)
                        + " was removed from the cluster: it starts again with an empty data "
                          "directory");
  return std::optional{asked.number};
}

/// Whatever a stranger may say of himself, nothing here takes an address of one that is known.
status check_words(const metadata& state, const join_request& asked) {
  if (!is_node_name(asked.name))
    return refused("the name of a node has 1 to 64 of A-Z a-z 0-9 _ . -");
  auto http = asked.http_address;
  if (http.ends_with(":0")) // Part of another program: it has none.
    http.back() = '1';
  if (!is_host_and_port(asked.peer_address) || !is_host_and_port(http))
    return refused(named(asked) + ": an address is host:port, with a host of at most 255 bytes");
  for (const auto& [number, node] : state.nodes())
    if (node.state != node_state::removed && node.name != asked.name
        && node.peer_address == asked.peer_address)
      return not_its_disk(named(asked) + " says that it is at " + asked.peer_address
                          + ", which is where " + named(number, node.name)
                          + " is; give it an address of its own ([peer] port, advertise), or "
                            "remove the other one by `grapectl node remove` first");
  return {};
}

} // namespace

outcome<std::optional<node_number>> check_join(const metadata& state, std::string_view cluster_name,
                                               const join_request& asked) {
  if (asked.protocol != link::protocol_version)
    return refused(named(asked) + " speaks version " + std::to_string(asked.protocol)
                   + " of the protocol between nodes, this cluster version "
                   + std::to_string(link::protocol_version) + ": run the same release on both");
  if (asked.cluster_name != cluster_name)
    return refused(named(asked) + " wants to join the cluster `" + asked.cluster_name
                   + "`, this is `" + std::string{cluster_name}
                   + "`: [cluster] name must be the same on every node");
  if (state.cluster_id().empty())
    return status{errc::unavailable, "the cluster is not formed yet here"};
  if (auto good = check_words(state, asked); !good.ok())
    return good;
  if (!asked.cluster_id.empty())
    return check_member(state, asked);
  const auto number = state.find_node(asked.name);
  if (!number)
    return std::optional<node_number>{};
  const auto& known = state.nodes().at(*number);
  if (known.disk != 0 && known.disk == asked.disk)
    return number;
  if (known.state == node_state::expected)
    return std::optional<node_number>{};
  return not_its_disk(named(*number, asked.name)
                      + " is in the cluster, with another disk; if that is lost, run `grapectl "
                        "node replace "
                      + asked.name + "` against another node, and start this one again");
}

metadata_command command_to_admit(const join_request& asked) {
  node_entry node;
  node.name = asked.name;
  node.peer_address = asked.peer_address;
  node.http_address = asked.http_address;
  node.disk = asked.disk;
  return add_node{std::move(node)};
}

std::string encode(const join_request& of) {
  codec::packer out;
  out.array(9);
  out.u64(version);
  out.u64(of.protocol);
  out.str(of.name);
  out.u64(of.disk);
  out.str(of.peer_address);
  out.str(of.http_address);
  out.str(of.cluster_name);
  out.str(of.cluster_id);
  out.u64(of.number.value);
  return out.take();
}

std::string encode(const join_reply& of) {
  codec::packer out;
  out.array(5);
  out.u64(version);
  out.str(of.cluster_id);
  out.u64(of.number.value);
  out.u64(of.applied.value);
  out.bin(of.state);
  return out.take();
}

namespace {

/// Opens a record of so many fields.
codec::unpacker opened(std::string_view bytes, std::size_t fields, status& wrong) {
  codec::unpacker in{bytes};
  in.tuple(fields);
  const auto is = in.u64();
  if (in.ok() && is != version)
    wrong = {errc::wrong_version, "a question about joining has version " + std::to_string(is)
                                      + "; this program speaks 1"};
  return in;
}

} // namespace

outcome<join_request> decode_join_request(std::string_view bytes) {
  status wrong;
  auto in = opened(bytes, 9, wrong);
  if (!wrong.ok())
    return wrong;
  join_request read;
  read.protocol = static_cast<std::uint32_t>(in.u64(UINT32_MAX));
  read.name = in.str();
  read.disk = in.u64();
  read.peer_address = in.str();
  read.http_address = in.str();
  read.cluster_name = in.str();
  read.cluster_id = in.str();
  read.number = node_number{static_cast<std::uint32_t>(in.u64(UINT32_MAX))};
  if (auto whole = in.finish(); !whole.ok())
    return whole;
  return read;
}

outcome<join_reply> decode_join_reply(std::string_view bytes) {
  status wrong;
  auto in = opened(bytes, 5, wrong);
  if (!wrong.ok())
    return wrong;
  join_reply read;
  read.cluster_id = in.str();
  read.number = node_number{static_cast<std::uint32_t>(in.u64(UINT32_MAX))};
  read.applied = log_index{in.u64()};
  read.state = in.bin();
  if (auto whole = in.finish(); !whole.ok())
    return whole;
  return read;
}

} // namespace grape::cluster
