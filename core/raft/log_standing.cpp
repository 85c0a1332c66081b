#include "core/raft/log_standing.hpp"

#include <algorithm>
#include <functional>

namespace grape::raft {

replica_set heard_since(const std::map<replica_id, std::uint32_t>& heard, std::uint32_t now,
                        std::uint32_t ago_max) {
  replica_set lately;
  for (const auto& [which, at] : heard)
    if (now - at <= ago_max)
      lately.push_back(which);
  return lately;
}

log_standing standing_of_log(const peer_status& of, const replica_set& heard) {
  log_standing made;
  made.term = of.term;
  made.logged = of.durable;
  made.everywhere = of.durable;
  made.majority = of.members.voters.size() / 2 + 1;
  for (const auto& each : of.progress) {
    if (!of.members.is_voter(each.which))
      continue;
    const bool is_self = each.which == of.leader;
    if (!is_self && contains(heard, each.which))
      made.everywhere = std::min(made.everywhere, each.match);
    // One that only leaves takes its copy along.
    if (contains(of.members.voters, each.which) && !contains(of.members.witnesses, each.which))
      made.copies.push_back(is_self ? of.durable : each.match);
  }
  std::sort(made.copies.begin(), made.copies.end(), std::greater<>{});
  return made;
}

} // namespace grape::raft
