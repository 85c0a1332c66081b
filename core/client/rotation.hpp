#pragma once

#include "core/link/backoff.hpp"

#include <cstddef>
#include <cstdint>

namespace grape::client {

/// Which of the nodes that a client was given it dials, and when: after a failure at once the next
/// one, after a whole round of failures only when a time has passed that doubles with each. Knows
/// no clock; not thread-safe.
class rotation {
public:
  /// Needs at least one node.
  rotation(std::size_t nodes, std::uint64_t seed);

  /// The node to dial, or that is connected.
  std::size_t current() const noexcept { return current_; }

  /// That node welcomed us.
  void connected(std::uint64_t now_ms) noexcept;

  /// Dialling it failed, or its connection ended: so many milliseconds to wait before dialling the
  /// node that is current now.
  std::uint64_t failed(std::uint64_t now_ms) noexcept;

private:
  std::size_t nodes_;
  std::size_t current_ = 0;
  std::size_t in_a_row_ = 0;
  link::backoff rest_;
};

} // namespace grape::client
