#pragma once

#include "core/outcome.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace grape::cluster {

/// Who a data directory belongs to; stands in `identity.toml`.
struct node_identity {
  std::string node_id;
  std::string cluster_id; ///< Made when the directory was.
  std::uint64_t incarnation = 0; ///< One more with each start.

  friend bool operator==(const node_identity&, const node_identity&) = default;
};

/// The text of `identity.toml`; its last line is the CRC-32C of all before it.
std::string print_identity(const node_identity& who);

/// The reverse, for exactly what was printed. The texts of earlier versions, which have no
/// checksum, are read as well: a changed value in one of these cannot be noticed, and a start
/// writes it anew with one. Errors name no file: corrupted.
outcome<node_identity> parse_identity(std::string_view text);

} // namespace grape::cluster
