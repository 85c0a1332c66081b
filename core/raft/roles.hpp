#pragma once

#include "core/raft/progress.hpp"
#include "core/raft/quorum.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace grape::raft {

/// Who has answered in an election, and how. The first answer counts.
class ballot {
public:
  void record(replica_id which, bool granted);
  vote_result result(const configuration& members) const;
  void mix_into(digest& whole) const;

private:
  struct answer {
    replica_id which;
    bool granted = false;
  };

  const answer* find(replica_id which) const noexcept;

  std::vector<answer> answers_;
};

/// A read that was sent on to the leader.
struct forwarded_read {
  std::uint64_t context = 0;
  std::uint32_t ticks_left = 0;
};

struct follower {
  std::vector<forwarded_read> reads;
};

struct pre_candidate {
  ballot votes;
};

struct candidate {
  ballot votes;
};

/// Attempts to be elected before the election timeout, after the connection to the leader ended;
/// until a leader is heard, a vote given or a newer term met.
struct early_campaign {
  replica_id lost;
  std::uint32_t left = 0;
  std::uint32_t ticks = 0; ///< Until the next one.
};

/// A read at the leader, of its own or for a follower.
struct leader_read {
  std::uint64_t round = 0; ///< Confirmed by a quorum's answers to this heartbeat round or a later.
  log_index index;
  std::uint64_t context = 0;
  replica_id from;
};

/// A heartbeat round whose answers may renew the lease.
struct lease_round {
  std::uint64_t number = 0;
  std::uint64_t sent_at = 0;
};

struct transfer {
  replica_id to; ///< 0 = none.
  std::uint32_t elapsed = 0;
};

/// What only a leader knows. It dies with the role, and so does every transfer of its term.
struct leader {
  std::vector<progress> members; ///< Itself included, ascending.
  log_index first_own;           ///< Its empty entry, the first of its term.
  log_index pending_change;
  std::uint32_t since_heartbeat = 0;
  std::size_t uncommitted_bytes = 0; ///< Of its own proposals.
  raft::transfer transfer;

  std::deque<leader_read> reads;         ///< Waiting for their round.
  std::vector<leader_read> early_reads;  ///< Before the first commit of the term.
  std::uint64_t rounds = 0;              ///< Number of the newest heartbeat round.
  bool round_open = false;               ///< Its heartbeats have not left yet.

  std::deque<lease_round> lease_rounds;  ///< Sent and not confirmed.
  std::uint64_t lease_void_through = 0;  ///< Rounds up to here give no lease.
  std::optional<std::uint64_t> lease_from;
  bool lease_lost = false; ///< A TimeoutNow is about: no lease in this term any more.

  std::uint32_t idle_ticks = 0;

  progress* find(replica_id which) noexcept;
  const progress* find(replica_id which) const noexcept;
};

} // namespace grape::raft
