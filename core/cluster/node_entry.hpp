#pragma once

#include "core/ids.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace grape::cluster {

/// What the control plane has decided about a node. Numbers stand on disk.
enum class node_state : std::uint8_t {
  active = 0,
  down = 1,     ///< A majority has not heard it for long: its replicas are being replaced.
  draining = 2, ///< Serves, but its replicas go elsewhere.
  removed = 3,  ///< For good; its number is never given again.
};

/// "active", "down", "draining", "removed".
std::string_view to_string(node_state state) noexcept;

/// One node, known to all by its number.
struct node_entry {
  std::string name;              ///< Of its configuration; one node that is not removed bears it.
  std::string peer_address;      ///< host:port for other nodes and CAF clients.
  std::string http_address;      ///< host:port.
  std::uint64_t incarnation = 0; ///< Of its last start; 0 = not seen yet.
  node_state state = node_state::active;

  friend bool operator==(const node_entry&, const node_entry&) = default;
};

} // namespace grape::cluster
