#pragma once

#include "core/raft/peer_status.hpp"

#include <optional>

namespace grape::raft {

/// Who is to lead after this leader, if nobody is named: of the other voters with data that follow
/// the log, the one that has most of it.
std::optional<replica_id> best_successor(const peer_status& of);

} // namespace grape::raft
