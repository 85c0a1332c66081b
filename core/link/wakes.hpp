#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>

namespace grape::link {

/// The earliest of several points in time, each of which may be none.
class earliest {
public:
  void take(std::optional<std::uint64_t> one) noexcept {
    if (one && (!at_ || *one < *at_))
      at_ = one;
  }

  std::optional<std::uint64_t> get() const noexcept { return at_; }

private:
  std::optional<std::uint64_t> at_;
};

/// The wake-ups that an actor has asked its clock for, in milliseconds. One is enough: an earlier
/// one that is under way will do. Knows no clock; not thread-safe.
class wakes {
public:
  /// Something is due at `next_ms` (none: nothing is). How long from `now_ms` on to be woken after,
  /// at least 1; nothing: somebody comes early enough.
  std::optional<std::uint64_t> after(std::optional<std::uint64_t> next_ms, std::uint64_t now_ms) {
    if (!next_ms || (!under_way_.empty() && *under_way_.begin() <= *next_ms))
      return std::nullopt;
    const auto at = std::max(*next_ms, now_ms + 1);
    return under_way_.insert(at).second ? std::optional{at - now_ms} : std::nullopt;
  }

  /// One of them came; they come in order.
  void came() {
    if (!under_way_.empty())
      under_way_.erase(under_way_.begin());
  }

private:
  std::set<std::uint64_t> under_way_;
};

} // namespace grape::link
