#pragma once

#include "core/cluster/founding.hpp"
#include "core/ids.hpp"
#include "core/outcome.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace grape::cluster {

/// Who a data directory belongs to; stands in `identity.toml`.
struct node_identity {
  std::string node_id;
  std::string cluster_id; ///< Made when the directory was, or agreed on; empty: none yet.
  std::uint64_t incarnation = 0; ///< One more with each start.
  std::uint64_t disk = 0;        ///< Drawn when the directory was made; 0 = not yet.
  node_number number{};          ///< 0 = none yet, or this node is alone.
  founding_stage founding = founding_stage::empty; ///< A lone node's stays `empty`.

  friend bool operator==(const node_identity&, const node_identity&) = default;
};

/// The text of `identity.toml`; its last line is the CRC-32C of all before it.
std::string print_identity(const node_identity& who);

/// The reverse, for exactly what was printed. The texts of earlier versions are read as well: they
/// say nothing of disk, number and founding, and the oldest have no checksum, so that a changed
/// value in one of these cannot be noticed; a start writes them anew. Errors name no file:
/// corrupted.
outcome<node_identity> parse_identity(std::string_view text);

} // namespace grape::cluster
