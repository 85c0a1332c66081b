#pragma once

#include "core/shard/optimizations.hpp"

#include <cstdint>
#include <span>

namespace grape::shard {

/// What one shard replica still has to build a graph of; of the field that is furthest behind.
struct index_backlog {
  std::uint64_t waiting_bytes = 0;   ///< Vectors in no graph yet, as float32.
  std::uint64_t built_bytes = 0;     ///< Vectors in graphs, as float32.
  std::uint64_t threshold_bytes = 0; ///< From so many on a graph is built; 0: never.

  friend bool operator==(const index_backlog&, const index_backlog&) = default;
};

index_backlog backlog_of(std::span<const field_parts> fields) noexcept;

/// Keeps writers to the pace at which graphs are built, so that searches never have much to look
/// through that is in none: once more waits than half the threshold, answers to writes are held
/// back, the longer the more waits. Who sends one write after the other then sends them as fast as
/// graphs grow; nothing is refused, and a threshold of 0 switches it off. Knows no clock. Not
/// thread-safe.
class inflow {
public:
  /// The state as of now; times never run backwards.
  void shown(std::uint64_t now_ms, const index_backlog& now) noexcept;

  /// How long the answer to a write of so many bytes, which came now, is held back; at most
  /// `pause_max_ms`.
  std::uint64_t pause_ms(std::uint64_t now_ms, std::uint64_t bytes) noexcept;

  /// Bytes a second that writers may bring now; 0: as many as they like.
  std::uint64_t allowed_per_s() const noexcept;

  static constexpr std::uint64_t pause_max_ms = 4'000;

private:
  index_backlog last_;
  std::uint64_t built_per_s_ = 0;    // 0: not measured yet.
  std::uint64_t built_since_ms_ = 0; // When what comes next began to be built.
  std::uint64_t free_at_ms_ = 0;     // When what was let in so far has had its time.
};

} // namespace grape::shard
