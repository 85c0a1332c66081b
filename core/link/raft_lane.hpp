#pragma once

#include "core/link/frame.hpp"
#include "core/raft/message.hpp"

namespace grape::link {

/// How urgent a message of a Raft peer is: votes, and whatever a waiting read depends on, overtake
/// everything; heartbeats that nobody waits for may share a frame. So may appends without entries:
/// what they say of the commit, the next append or the next round of a read says as well.
constexpr lane lane_of(const raft::message& of) noexcept {
  switch (of.kind) {
    case raft::message_kind::append: return of.entries.empty() ? lane::heartbeat : lane::normal;
    case raft::message_kind::snapshot: return lane::bulk;
    case raft::message_kind::propose: return lane::normal;
    case raft::message_kind::heartbeat:
    case raft::message_kind::heartbeat_response:
      return of.context == 0 ? lane::heartbeat : lane::urgent;
    case raft::message_kind::vote:
    case raft::message_kind::vote_response:
    case raft::message_kind::prevote:
    case raft::message_kind::prevote_response:
    case raft::message_kind::append_response:
    case raft::message_kind::timeout_now:
    case raft::message_kind::read:
    case raft::message_kind::read_response:
    case raft::message_kind::transfer: return lane::urgent;
  }
  return lane::urgent;
}

} // namespace grape::link
