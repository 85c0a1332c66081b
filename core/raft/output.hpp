#pragma once

#include "core/raft/message.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace grape::raft {

/// Increases with every write that a peer asks for.
using write_token = id<struct write_token_tag>;

/// What a replica must never forget. One atomic record.
struct hard_state {
  grape::term term;
  replica_id vote; ///< In this term; 0 = none.
  log_index commit;

  friend bool operator==(const hard_state&, const hard_state&) = default;
};

/// One atomic, synced write. Writes are done in the order in which they were handed out.
struct write {
  write_token token;
  hard_state state;
  std::vector<entry> entries; ///< Replace whatever the log holds from the first one's index on.
  /// The host switches to the received snapshot in the same write. A log that holds the entry
  /// (index, term) goes on behind it; any other restarts after it.
  std::optional<snapshot_mark> snapshot;
};

enum class role : std::uint8_t { follower, pre_candidate, candidate, leader };

/// Told when it changes.
struct leadership {
  raft::role role{};
  replica_id leader; ///< 0 = unknown.
  grape::term term;

  friend bool operator==(const leadership&, const leadership&) = default;
};

/// A read that may be served once everything up to `index` is applied.
struct confirmed_read {
  std::uint64_t context = 0;
  log_index index;
  /// Of a lease read: the answer may leave only while the clock of advance_clock, read again after
  /// the data, is below this; otherwise ask again. 0 = no such bound.
  std::uint64_t valid_until = 0;

  friend bool operator==(const confirmed_read&, const confirmed_read&) = default;
};

/// What the host has to do, in this order: send `messages`; queue `to_write`; answer reads.
struct output {
  std::vector<message> messages; ///< None of these waits for a write.
  std::optional<write> to_write;
  std::vector<confirmed_read> reads;
  std::vector<std::uint64_t> failed_reads; ///< Contexts: not ready, or the leader stepped down.
  std::optional<leadership> changed;
};

} // namespace grape::raft
