#include "tests/simulation/fleet/modelled_group.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace grape::fleet {

namespace {

bool has_majority(const raft::replica_set& voters, const modelled_group::is_up& up) {
  const auto count = std::count_if(voters.begin(), voters.end(), up);
  return voters.empty() || 2 * static_cast<std::size_t>(count) > voters.size();
}

bool can_decide_as(const raft::configuration& members, const modelled_group::is_up& up) {
  return !members.voters.empty() && has_majority(members.voters, up)
         && has_majority(members.outgoing, up);
}

} // namespace

modelled_group::modelled_group(raft::configuration members, std::uint64_t luck)
  : luck_(luck)
  , members_(std::move(members))
  , with_data_(members_.voters.begin(), members_.voters.end()) {
  for (const auto voter : members_.voters)
    if (!raft::contains(members_.witnesses, voter)
        && (leader_ == replica_id{} || luck % members_.voters.size() == voter.value - 1))
      leader_ = voter;
}

bool modelled_group::can_decide(const is_up& up) const {
  return can_decide_as(members_, up);
}

bool modelled_group::can_lead(replica_id which, const is_up& up) const {
  return raft::contains(members_.voters, which) && !raft::contains(members_.witnesses, which)
         && has_data(which) && up(which);
}

bool modelled_group::elect(const is_up& up) {
  if (can_lead(leader_, up) && can_decide(up))
    return false;
  const auto before = std::exchange(leader_, replica_id{});
  if (!can_decide(up))
    return before != leader_;
  raft::replica_set able;
  std::copy_if(members_.voters.begin(), members_.voters.end(), std::back_inserter(able),
               [&](auto each) { return can_lead(each, up); });
  if (able.empty())
    return before != leader_;
  term_ = term_.next();
  leader_ = able[static_cast<std::size_t>(luck_++ % able.size())];
  return true;
}

void modelled_group::become(raft::configuration next) {
  members_ = std::move(next);
  members_since_ = members_since_.next();
}

bool modelled_group::change(const cluster::change_members& how, const is_up& up) {
  if (how.based_on != members_since_ || members_.joint() || !can_decide(up))
    return false;
  auto next = raft::changed(members_, how.change);
  if (!next || !can_decide_as(*next, up))
    return false;
  become(std::move(*next));
  return true;
}

bool modelled_group::leave_joint(const is_up& up) {
  if (!members_.joint() || !can_decide(up))
    return false;
  become(*raft::changed(members_, {raft::change_mode::leave, {}}));
  return true;
}

bool modelled_group::hand_over(replica_id to, const is_up& up) {
  if (to == leader_ || !can_lead(to, up) || !can_decide(up))
    return false;
  leader_ = to;
  term_ = term_.next();
  return true;
}

void modelled_group::copied(replica_id to) {
  if (members_.is_member(to))
    with_data_.insert(to);
}

cluster::group_report modelled_group::report(group_id self, const is_up& up) const {
  cluster::group_report said;
  said.group = self;
  said.term = term_;
  said.members = members_;
  said.members_since = members_since_;
  said.leader = leader_;
  for (const auto voter : members_.voters)
    if (voter != leader_ && can_lead(voter, up))
      said.successor = voter;
  for (const auto learner : members_.learners)
    if (has_data(learner) && up(learner))
      said.following.push_back(learner);
  return said;
}

} // namespace grape::fleet
