#pragma once

#include "core/raft/peer_status.hpp"

#include <cstdint>

namespace grape::raft {

/// How much of its log a replica keeps although its own state does not need it.
struct compaction_options {
  std::uint64_t kept_min = 4'096;   ///< Entries, for followers that were away for a moment.
  std::uint64_t kept_max = 200'000; ///< Entries, for a follower that lags behind its leader.
  std::uint64_t step_min = 1'024;   ///< Less is not worth a record in the log.
};

/// Of a witness: what it keeps may be all that is left of a write that a replica with data missed.
inline constexpr compaction_options witness_compaction{.kept_min = 200'000};

/// Up to where the log of this peer may be cut now, when its state is durable through
/// `applied_durable`; its present beginning, if it is to stay. A leader waits for its members, so
/// that a snapshot is needed only where an append would not do: as far as `kept_max` allows.
log_index compact_through(const peer_status& of, log_index applied_durable,
                          const compaction_options& options);

} // namespace grape::raft
