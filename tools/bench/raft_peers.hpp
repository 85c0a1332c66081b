#pragma once

#include "core/raft/peer.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace grape::bench {

/// A group's durable log as memory.
class memory_log final : public raft::stable_log {
public:
  const raft::snapshot_mark& snapshot() const override { return mark_; }
  log_index last() const override;
  std::optional<term> term_at(log_index index) const override;
  std::vector<raft::entry> entries(log_index first, log_index last,
                                   std::size_t bytes_max) const override;

  void write(const raft::write& what);
  void compact(log_index through);

private:
  const raft::entry& at(log_index index) const;

  raft::snapshot_mark mark_;
  std::deque<raft::entry> entries_;
};

/// Three replicas of one group in one thread, whose messages arrive and whose writes are durable
/// at once. Never moved: the peers look at their logs.
class three_peers {
public:
  three_peers(std::uint64_t seed, std::uint32_t hibernate_after_ticks);

  three_peers(const three_peers&) = delete;
  three_peers& operator=(const three_peers&) = delete;

  /// Makes the first one leader.
  void elect();

  /// Until nothing moves any more.
  void settle();

  /// One tick for each that is awake, and what comes of it.
  void tick();

  raft::peer& leader() { return *peers_[0]; }

  std::uint64_t messages() const noexcept { return messages_; }
  std::uint64_t applied() const { return peers_[2]->applied().value; }

private:
  bool work(std::size_t which);
  void send(std::vector<raft::message>& messages);

  std::array<memory_log, 3> logs_;
  std::array<std::optional<raft::peer>, 3> peers_;
  std::vector<raft::message> wire_;
  std::uint64_t messages_ = 0;
};

} // namespace grape::bench
