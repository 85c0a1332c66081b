#pragma once

#include "core/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace grape::cluster {

/// What the control plane has decided about a node. Numbers stand on disk.
enum class node_state : std::uint8_t {
  active = 0,
  away = 1,     ///< A majority does not hear it: it gets nothing new, and keeps what it has.
  down = 2,     ///< Away for so long that its replicas are replaced.
  draining = 3, ///< Serves, but its replicas go elsewhere.
  leaving = 4,  ///< As `draining`, and removed once it holds nothing.
  removed = 5,  ///< For good; its number is never given again.
  expected = 6, ///< Bears the name of one that was replaced; its disk has not come yet.
};

/// "active", "away", "down", "draining", "leaving", "removed", "expected".
std::string_view to_string(node_state state) noexcept;

/// One node, known to all by its number.
struct node_entry {
  std::string name;              ///< Of its configuration; one node that is not removed bears it.
  std::string peer_address;      ///< host:port for other nodes and CAF clients.
  std::string http_address;      ///< host:port; port 0: it has none, as part of another program.
  std::uint64_t incarnation = 0; ///< Of its last start; 0 = not seen yet.
  node_state state = node_state::active;
  std::uint64_t disk = 0; ///< Of the data directory with which it joined; 0 = a founder's.
  /// Data replicas of shards that it can hold open; 0 = it has not said. See descriptor_budget.hpp.
  std::uint32_t replicas_max = 0;

  friend bool operator==(const node_entry&, const node_entry&) = default;
};

/// True: somebody asked for it to be admitted, over HTTP and without a proof, and no link to it has
/// said hello since. Until then it gets nothing of the cluster's: whoever may speak with nodes is
/// judged there (mutual TLS, its disk, its cluster). A founder never is.
inline bool is_pending(const node_entry& node) noexcept {
  return node.disk != 0 && node.incarnation == 0;
}

/// So many nodes may be pending at a time.
inline constexpr std::size_t pending_nodes_max = 8;

} // namespace grape::cluster
