#include "tests/simulation/checker.hpp"
#include "tests/simulation/violation.hpp"

#include <algorithm>
#include <string>

namespace grape::simulation {

namespace {

raft::replica_set voters_of_both(const raft::configuration& a, const raft::configuration& b) {
  raft::replica_set all;
  for (const auto* set : {&a.voters, &a.outgoing, &b.voters, &b.outgoing})
    all.insert(all.end(), set->begin(), set->end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

bool has_majority(const raft::replica_set& of, const std::function<bool(replica_id)>& has) {
  const auto count = std::count_if(of.begin(), of.end(), has);
  return static_cast<std::size_t>(count) > of.size() / 2;
}

} // namespace

bool is_quorum(const raft::configuration& members, const std::function<bool(replica_id)>& has) {
  return has_majority(members.voters, has)
         && (members.outgoing.empty() || has_majority(members.outgoing, has));
}

bool quorums_meet(const raft::configuration& a, const raft::configuration& b) {
  const auto all = voters_of_both(a, b);
  for (std::uint64_t subset = 0; subset < std::uint64_t{1} << all.size(); ++subset) {
    const auto inside = [&](replica_id who) {
      const auto place = std::lower_bound(all.begin(), all.end(), who) - all.begin();
      return (subset >> place & 1) != 0;
    };
    const auto outside = [&](replica_id who) { return !inside(who); };
    if (is_quorum(a, inside) && is_quorum(b, outside))
      return false;
  }
  return true;
}

void checker::change_members(const raft::configuration& before) {
  const auto& after = truth_.members;
  if (!quorums_meet(before, *after))
    throw violation("quorums_intersect", "around index " + std::to_string(truth_.applied.value));
  if (after->joint() && !before.joint())
    counts_->hit(rare::joint_entered);
  members_.emplace_back(truth_.applied, after);
}

std::shared_ptr<const raft::configuration> checker::members_at(log_index index) const {
  const auto after =
      std::upper_bound(members_.begin(), members_.end(), index,
                       [](log_index wanted, const auto& each) { return wanted < each.first; });
  return after == members_.begin() ? nullptr : std::prev(after)->second;
}

void checker::members_applied(replica_id who, log_index at,
                              const raft::configuration& members) const {
  const auto right = members_at(at);
  if (!right || !(*right == members))
    throw violation("members_equal", "replica " + std::to_string(who.value)
                                         + " has other members at index "
                                         + std::to_string(at.value));
}

} // namespace grape::simulation
