#pragma once

#include "core/raft/chance.hpp"

#include <cstdint>
#include <optional>

namespace grape::link {

struct backoff_options {
  std::uint64_t first_ms = 100;       ///< The longest wait after the first failure; at least 1.
  /// No wait is longer; at least `first_ms`. Short, because a peer that is back may be what a
  /// majority lacks, and a dial in vain costs next to nothing.
  std::uint64_t delay_ms_max = 500;
  std::uint64_t lasted_ms = 10'000;   ///< A connection that held for so long was no failure.
};

/// When to dial a peer again: each failure in a row doubles the longest wait, and the wait is drawn
/// from 1 ms to that ("full jitter": Brooker, AWS Architecture Blog, 2015), so that nodes which
/// lost a peer together do not come back together. A connection that ends before it lasted is a
/// failure too: a peer that accepts and hangs up is not dialled in a circle. Knows no clock; not
/// thread-safe.
class backoff {
public:
  backoff(const backoff_options& options, std::uint64_t seed);

  /// The dialled peer's hello was accepted.
  void connected(std::uint64_t now_ms) noexcept { connected_ms_ = now_ms; }

  /// Dialling failed, the hello was refused or the connection ended: so many milliseconds to wait
  /// before dialling again.
  std::uint64_t failed(std::uint64_t now_ms) noexcept;

private:
  backoff_options options_;
  raft::chance chance_;
  std::uint64_t longest_ms_; // Of the next wait.
  std::optional<std::uint64_t> connected_ms_{};
};

} // namespace grape::link
