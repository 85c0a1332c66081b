#pragma once

#include "core/raft/configuration.hpp"
#include "core/raft/entry.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace grape::raft {

/// Stands for everything up to `index`: what a snapshot holds besides the state machine's data.
struct snapshot_mark {
  log_index index;
  grape::term term;
  configuration members; ///< As of `index`.

  friend bool operator==(const snapshot_mark&, const snapshot_mark&) = default;
};

/// Numbers travel on the wire.
enum class message_kind : std::uint8_t {
  vote = 1,
  vote_response = 2,
  prevote = 3,
  prevote_response = 4,
  append = 5,
  append_response = 6,
  heartbeat = 7,
  heartbeat_response = 8,
  snapshot = 9,
  timeout_now = 10,   ///< Leader to the target of a transfer: campaign at once.
  propose = 11,       ///< A proposal forwarded to the leader, in `entries`.
  read = 12,          ///< A read forwarded to the leader.
  read_response = 13, ///< Leader to the one who asked: `index`, or `reject`.
  transfer = 14,      ///< A wish to transfer leadership, forwarded; `context` is the target.
};

/// What replicas of one group tell each other. A field that a kind does not use is zero.
struct message {
  message_kind kind{};
  replica_id from;
  replica_id to;
  grape::term term; ///< Of the sender; of a prevote and its grant: the term asked for.

  log_index index;      ///< append: of the entry before; votes and grants: the candidate's last;
                        ///< their refusals: what the refuser knows to be committed;
                        ///< append_response: the last verified, or the refused `index`;
                        ///< heartbeat: 0, or the last, at which the group may hibernate.
  grape::term log_term; ///< Of the entry at `index`.
  log_index commit;
  bool reject = false;
  log_index hint;            ///< Of a rejected append: where the logs may still agree; appends and
                             ///< heartbeats: all that is committed, as the leader knows once it
                             ///< has committed something of its term; 0 = it does not yet.
  grape::term hint_term;     ///< Of a rejected append: the term there; 0 = unknown.
  std::uint64_t context = 0; ///< heartbeats: the read id; reads: the asker's own number.
  bool force = false;        ///< A vote request in a leader transfer: leases do not hold it up.
  std::vector<entry> entries;
  std::shared_ptr<const snapshot_mark> snapshot; ///< Of kind snapshot only.
};

bool operator==(const message& a, const message& b) noexcept;

} // namespace grape::raft
