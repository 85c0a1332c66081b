#pragma once

#include "core/raft/peer_status.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace grape::raft {

/// How far the log of a leader has come, its own disk and those of the others.
struct log_standing {
  grape::term term;
  log_index logged; ///< Durable with the leader,
  /// and with every voter but those that it has not heard lately, who may be gone.
  log_index everywhere;
  /// Of each voter with data that is to stay: up to where it has the log durably; descending.
  std::vector<log_index> copies;
  std::size_t majority = 0; ///< So many voters commit, witnesses among them; 0 = not known.

  friend bool operator==(const log_standing&, const log_standing&) = default;
};

/// Whom a leader heard at most `ago_max` ticks before `now`; `heard` says when that was last.
replica_set heard_since(const std::map<replica_id, std::uint32_t>& heard, std::uint32_t now,
                        std::uint32_t ago_max);

/// `heard`: the voters that the leader heard lately, ascending. Needs a leader's status.
log_standing standing_of_log(const peer_status& of, const replica_set& heard);

} // namespace grape::raft
