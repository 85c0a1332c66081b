#include "core/raft/peer.hpp"

#include <algorithm>
#include <utility>

namespace grape::raft {

// An idle group sleeps in two steps. The leader's heartbeats name the end of its log; a member that
// ends there too, with everything applied, falls asleep and says so. When all have, the leader
// sleeps as well. Every other message wakes.

bool peer::may_hibernate(const leader& me) const {
  if (how_.hibernate_after_ticks == 0 || me.idle_ticks < how_.hibernate_after_ticks
      || me.transfer.to != replica_id{} || members_.joint() || !me.reads.empty()
      || !me.early_reads.empty() || applied_ != log_.last())
    return false;
  return std::all_of(me.members.begin(), me.members.end(), [this](const auto& member) {
    return member.match == log_.last();
  });
}

bool peer::fall_asleep_with(const message& heartbeat) {
  asleep_ = heartbeat.index == applied_ && log_.last() == applied_
            && log_.last_term() == heartbeat.log_term;
  return asleep_;
}

void peer::note_sleeper(leader& me, progress& from, const message& in) {
  from.asleep = in.index != log_index{} && in.index == log_.last()
                && me.idle_ticks >= how_.hibernate_after_ticks;
}

/// Something is to be done: nobody sleeps any more.
void peer::stir(leader& me) {
  if (asleep_)
    return wake();
  me.idle_ticks = 0;
  for (auto& member : me.members)
    member.asleep = false;
}

void peer::wake_for(const message& in) {
  const bool lullaby = in.kind == message_kind::heartbeat && in.index != log_index{};
  const bool late_yes = in.kind == message_kind::heartbeat_response && in.index != log_index{};
  if (in.term != term_ || (!lullaby && !late_yes))
    wake();
}

void peer::wake() {
  if (failed_)
    return;
  auto* me = std::get_if<leader>(&role_);
  if (!std::exchange(asleep_, false)) {
    if (me != nullptr)
      stir(*me); // Who agreed to sleep may be gone: a leader asks all anew before it sleeps.
    return;
  }
  if (me == nullptr) {
    // A leader that slept, too, may be gone: the lease that it had from us is over.
    elapsed_ = std::max(elapsed_, how_.election_ticks);
    lease_owed_ = 0;
    return;
  }
  stir(*me);
  void_lease(*me);
  elapsed_ = 0; // CheckQuorum begins anew; all voters are told.
  for (auto& member : me->members)
    member.recently_active = false;
  send_heartbeats(*me);
}

} // namespace grape::raft
