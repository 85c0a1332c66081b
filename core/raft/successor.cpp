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

log_index held_by_voters(const peer_status& of, const replica_set& heard) {
  auto through = of.durable;
  for (const auto& each : of.progress)
    if (each.which != of.leader && of.members.is_voter(each.which) && contains(heard, each.which))
      through = std::min(through, each.match);
  return through;
}

} // namespace grape::raft
