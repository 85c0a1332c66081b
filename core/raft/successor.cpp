#include "core/raft/successor.hpp"

#include <algorithm>

namespace grape::raft {

std::optional<replica_id> best_successor(const peer_status& of) {
  const progress_status* best = nullptr;
  for (const auto& each : of.progress) {
    const bool fit = each.which != of.leader && each.state == progress_state::replicate
                     && contains(of.members.voters, each.which)
                     && !contains(of.members.witnesses, each.which);
    if (fit && (best == nullptr || each.match > best->match))
      best = &each;
  }
  return best == nullptr ? std::nullopt : std::optional{best->which};
}

} // namespace grape::raft
