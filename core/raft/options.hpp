#pragma once

#include "core/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace grape::raft {

/// Sizes are payload bytes. 0 means no limit where it is said so.
struct options {
  replica_id self{};
  std::uint64_t seed = 0; ///< All randomness of the peer comes from it.

  std::uint32_t election_ticks = 10; ///< T: timeouts are drawn uniformly from [T, 2T - 1].
  std::uint32_t heartbeat_ticks = 1;
  std::optional<std::uint32_t> fixed_timeout{}; ///< Instead of drawing one; for tests and drivers.
  bool prevote = true;
  bool check_quorum = true;

  std::size_t message_bytes_max = 1u << 20; ///< A message holds at least one entry.
  std::size_t message_entries_max = 0;      ///< Entries of one append; 0 = no limit.
  std::size_t inflight_max = 256;           ///< Appends on their way to one follower.
  std::size_t inflight_bytes_max = 0;       ///< 0 = no limit.
  std::size_t uncommitted_bytes_max = 0;    ///< Proposals beyond are refused; 0 = no limit.
  std::size_t pending_reads_max = 4'096;    ///< Waiting or unconfirmed.
  std::size_t cached_bytes_max = 8u << 20;  ///< Durable entries kept in memory for followers.

  /// Reads without a heartbeat round while the lease holds; needs check_quorum. The lease lasts
  /// `lease_ticks` from the sending of the round that a quorum answered, measured by the time
  /// that `advance_clock` tells. To be less than election_ticks - 1 ticks take on the fastest
  /// clock of all members: the first tick may come at once. 0 = reads by ReadIndex.
  std::uint32_t lease_ticks = 0;

  std::uint32_t hibernate_after_ticks = 0; ///< Idle so long, the group sleeps; 0 = never.
};

} // namespace grape::raft
