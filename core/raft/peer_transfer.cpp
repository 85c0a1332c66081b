#include "core/raft/peer.hpp"

#include <utility>

namespace grape::raft {

void peer::transfer_to(replica_id target) {
  if (failed_)
    return;
  if (auto* me = std::get_if<leader>(&role_))
    return begin_transfer(*me, target);
  if (!std::holds_alternative<follower>(role_))
    return;
  wake();
  auto wish = draft(message_kind::transfer, leader_);
  wish.context = target.value;
  forward(wish);
}

// rule 26: only to a voter that holds data; one at a time, and no proposals meanwhile.
void peer::begin_transfer(leader& me, replica_id target) {
  const bool can_lead = members_.is_voter(target) && !contains(members_.witnesses, target);
  if (target == me.transfer.to || !can_lead)
    return;
  if (me.transfer.to != replica_id{})
    end_transfer(me);
  if (target == how_.self)
    return;
  stir(me);
  me.transfer = {target, 0};
  auto* to = me.find(target);
  if (to->match < log_.last())
    send_append(*to, true);
  hand_over_if_caught_up(me, *to);
}

void peer::end_transfer(leader& me) {
  me.transfer = {};
  void_lease(me);
  leave_joint_by_itself(me); // It could not be proposed meanwhile.
}

void peer::hand_over_if_caught_up(leader& me, const progress& to) {
  if (to.match != log_.last())
    return;
  const bool holds_data = members_.is_voter(to.which) && !contains(members_.witnesses, to.which);
  if (is_witness() && holds_data && me.transfer.to == replica_id{})
    me.transfer = {to.which, 0}; // A witness leads only to hand over.
  if (me.transfer.to == to.which)
    send_timeout_now(me, to.which);
}

/// To the voter that has most, if that is all.
void peer::hand_over_before_leaving(leader& me) {
  for (const auto& member : me.members)
    if (member.which != how_.self && member.match == log_.last() && member.recently_active
        && members_.is_voter(member.which) && !contains(members_.witnesses, member.which))
      return send_timeout_now(me, member.which);
}

void peer::send_timeout_now(leader& me, replica_id to) {
  // The vote that it sets off passes by every lease, and nobody knows when it arrives.
  me.lease_lost = true;
  send_as_leader(draft(message_kind::timeout_now, to));
}

void peer::report_unreachable(replica_id which) {
  auto* me = std::get_if<leader>(&role_);
  auto* member = me != nullptr && !failed_ ? me->find(which) : nullptr;
  if (member != nullptr && which != how_.self && member->state == progress_state::replicate)
    member->become_probe();
}

void peer::report_snapshot(replica_id to, bool arrived) {
  auto* me = std::get_if<leader>(&role_);
  auto* member = me != nullptr && !failed_ ? me->find(to) : nullptr;
  if (member == nullptr || member->state != progress_state::snapshot)
    return;
  if (!arrived)
    member->pending_snapshot = {};
  member->become_probe();
  member->held_back = true; // Its answer, or the next heartbeat's, tells how to go on.
}

} // namespace grape::raft
