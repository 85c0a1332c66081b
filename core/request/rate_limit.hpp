#pragma once

#include "core/ids.hpp"
#include "core/status.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

namespace grape {

/// Lets through so much a minute: tokens drip in evenly, as many as a minute brings are kept, and
/// what takes more than there are is refused. Knows no clock: the caller says how late it is, on a
/// clock that never runs backwards. Not thread-safe.
class rate_limit {
public:
  /// Full at first. `per_minute` at least 1.
  rate_limit(std::uint64_t per_minute, std::uint64_t now_ms) noexcept
    : per_minute_(per_minute)
    , left_(per_minute * parts)
    , last_ms_(now_ms) {}

  std::uint64_t per_minute() const noexcept { return per_minute_; }

  /// Takes so many tokens, or none of them. Error: rate_limited, with the text clients know: `kind`
  /// is "Read" or "Write", and at the end stands after how many seconds it would pass, unless it
  /// never would.
  status take(std::uint64_t tokens, std::uint64_t now_ms, std::string_view kind);

private:
  static constexpr std::uint64_t parts = 60'000; ///< Of a token: one minute in milliseconds.

  std::uint64_t per_minute_;
  std::uint64_t left_; ///< In parts.
  std::uint64_t last_ms_;
};

/// The rates of all collections, reads and writes apart. A collection whose limit changes begins
/// anew. Not thread-safe.
class rate_limits {
public:
  enum class kind : std::uint8_t { read, write };

  /// Takes so many tokens of the collection's, of which `per_minute` come in a minute, at least 1;
  /// see rate_limit::take.
  status take(collection_id of, kind what, std::uint64_t per_minute, std::uint64_t tokens,
              std::uint64_t now_ms);

  /// Forgets collections for which `lives(id)` is false.
  template <class Lives>
  void keep_only(const Lives& lives) {
    std::erase_if(known_, [&lives](const auto& one) { return !lives(one.first.first); });
  }

  std::size_t size() const noexcept { return known_.size(); }

private:
  std::map<std::pair<collection_id, kind>, rate_limit> known_;
};

} // namespace grape
