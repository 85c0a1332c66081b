#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace grape::cluster {

/// A consistent-hash ring (Karger et al., 1997) with virtual nodes placed by SHA-256. It only
/// proposes; what holds is the table that was committed.
class ring {
public:
  /// Each member stands at `virtual_nodes` times its weight points of the ring.
  explicit ring(std::uint32_t virtual_nodes) : virtual_nodes_(virtual_nodes) {
  }

  /// `weight` is 1 or more.
  void add(std::string name, std::uint32_t weight = 1);

  /// Members in the order in which they follow `key` on the ring, each once: the first is the
  /// owner, the others are where it would go next.
  std::vector<std::string_view> walk(std::string_view key) const;

private:
  std::uint32_t virtual_nodes_;
  std::vector<std::string> names_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> places_; ///< (position, name), ascending.
};

/// The first 8 bytes of SHA-256, big-endian.
std::uint64_t sha256_head(std::string_view bytes);

} // namespace grape::cluster
