#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace grape {

/// The name of one part of a collection that is sharded by keys. Texts come before numbers.
using shard_key = std::variant<std::string, std::uint64_t>;

/// Each record that is read names its key, so a long one would cost far more than its own bytes.
constexpr std::size_t shard_key_bytes_max = 1'024;

/// As refusals name it: `"cats"` with its quotes, `7` without.
std::string text_of(const shard_key& key);

/// Which parts of a collection that is sharded by keys a request is about.
struct shard_key_selector {
  std::vector<shard_key> keys; ///< Each of these; empty: none of them.
  /// Meant instead of the one key of `keys` as long as that one does not exist.
  std::optional<shard_key> fallback{};

  friend bool operator==(const shard_key_selector&, const shard_key_selector&) = default;
  friend auto operator<=>(const shard_key_selector&, const shard_key_selector&) = default;
};

} // namespace grape
