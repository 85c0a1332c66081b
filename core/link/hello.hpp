#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace grape::link {

/// What two nodes speak after their hellos: frames, the parcels in them, entries of the metadata
/// group's log. 2: entries of a shard's log may have stamps; writes say how they are acknowledged,
/// answers how stale they are. 3: collections have parts with shard keys, which commands and states
/// of the control plane tell; a node's upkeep is asked by another one. 4: nodes tell how many
/// replicas they can hold open, and the control plane refuses shards beyond that. 5: what nodes
/// report each second is of replicas on the move only.
inline constexpr std::uint32_t protocol_version = 5;

/// One start of a node's process from one disk.
struct incarnation {
  std::uint64_t disk = 0;  ///< Drawn when the data directory was made.
  std::uint64_t boots = 0; ///< Starts from it, this one included. Durable before the first hello.
  std::uint64_t drawn = 0; ///< At this start: tells processes on copies of a disk apart.

  friend bool operator==(const incarnation&, const incarnation&) = default;
};

/// How much a node knows of the cluster; whoever knows less asks for the rest.
struct known_epochs {
  log_index metadata{}; ///< Applied of the metadata group's log.
  epoch routes{};       ///< The highest of any routing table.

  friend bool operator==(const known_epochs&, const known_epochs&) = default;
};

/// What both sides of a connection say first.
struct hello {
  std::uint32_t protocol = protocol_version;
  std::string cluster_id;
  std::string cluster_name;
  node_number number{};
  std::string node_name;
  link::incarnation incarnation{};
  known_epochs epochs{};
  std::string http_address; ///< host:port

  friend bool operator==(const hello&, const hello&) = default;
};

/// The lower number dials: two nodes that dial each other at a time lose both connections.
constexpr bool dials(node_number own, node_number peer) noexcept {
  return own < peer;
}

/// A member of the cluster, as this node knows it.
struct known_peer {
  std::string name;
  std::optional<link::incarnation> accepted; ///< The last one; nothing: none in this process.
  std::uint64_t boots = 0; ///< Starts that the cluster has seen, by its metadata; 0 = none yet.
  std::uint64_t disk = 0;  ///< With which it was admitted, by the metadata; 0 = not known.
};

using known_peers = std::map<node_number, known_peer>;

/// Whether to go on after `theirs`; the detail is meant for the logs of both sides. Once it is ok,
/// the incarnation is to be remembered as accepted. Errors: wrong_version, bad_config (another
/// cluster, a number that is not theirs), not_found (announces itself by HTTP first), corrupted
/// (another disk, an older state of it, or a copy).
status check_hello(const known_peers& known, const hello& own, const hello& theirs);

inline constexpr std::size_t hello_text_bytes_max = 255; ///< Of each text in a hello; at least 1.

/// As bytes: "GH", u8 layout version, u32 CRC32C of what follows, MessagePack record.
std::string encode(const hello& of);

/// Errors: wrong_version (another layout, whatever the rest is), corrupted. Texts have no
/// control characters, so they may be logged.
outcome<hello> decode_hello(std::string_view bytes);

} // namespace grape::link
