#include "core/raft/codec.hpp"
#include "core/raft/peer.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace grape::raft {

bool peer::refuses_change(const leader& me, const configuration_change& change) const {
  // rule 20: one change at a time; joint states are left and nothing else.
  if (me.pending_change > applied_ || members_.joint() != (change.mode == change_mode::leave))
    return true;
  // rule 21: a leader that has committed nothing yet may not know the newest configuration
  // (the error of single-server changes in Ongaro's thesis).
  return !committed_own(me);
}

proposal peer::propose(const configuration_change& change) {
  auto* me = std::get_if<leader>(&role_);
  if (me != nullptr && refuses_change(*me, change))
    return propose_entry(entry_kind::normal, {});
  const auto what = propose_entry(entry_kind::configuration,
                                  std::make_shared<const std::string>(encode(change)));
  if (const auto* done = std::get_if<appended>(&what))
    me->pending_change = done->index;
  return what;
}

void peer::applied(log_index through) {
  if (failed_ || through <= applied_)
    return;
  GRAPE_CHECK(log_.unwritten_snapshot() == nullptr
              && through <= std::min(log_.commit(), log_.durable()));
  std::vector<entry> changes;
  log_.each(applied_.next(), through, [&changes](const entry& one) {
    if (one.kind == entry_kind::configuration)
      changes.push_back(one);
  });
  // rule 23: a configuration takes effect when it is applied. So no truncation takes one back.
  for (const auto& one : changes) {
    applied_ = one.index;
    const auto change = decode_change(one.data ? *one.data : std::string{});
    if (!change)
      continue;
    // A change that cannot be is an error on every member alike, and changes nothing.
    if (auto next = changed(members_, *change))
      adopt(std::move(*next));
  }
  applied_ = through;
  if (auto* me = std::get_if<leader>(&role_))
    leave_joint_by_itself(*me);
}

void peer::adopt(configuration next) {
  members_ = std::move(next);
  if (auto* me = std::get_if<leader>(&role_))
    adopt_as_leader(*me);
}

void peer::adopt_as_leader(leader& me) {
  std::vector<progress> members;
  for (const auto which : members_.members()) {
    if (auto* known = me.find(which)) {
      members.push_back(std::move(*known));
      continue;
    }
    auto& fresh = members.emplace_back();
    fresh.which = which;
    fresh.next = std::max(log_.last(), log_index{1}); // Its refusal tells where it stands.
    fresh.recently_active = true; // A member that was added just now is not silent yet.
  }
  me.members = std::move(members);
  // rule 24: a leader that is no voter any more goes, once all know of it by its commit.
  if (!members_.is_voter(how_.self)) {
    advance_commit(me);
    hand_over_before_leaving(me);
    return become_follower(term_, {});
  }
  if (me.transfer.to != replica_id{} && !members_.is_voter(me.transfer.to))
    end_transfer(me);
  broadcast_append(me, advance_commit(me)); // A smaller quorum may have more already.
  confirm_rounds(me);
}

void peer::leave_joint_by_itself(leader& me) {
  if (!members_.joint() || !members_.auto_leave || me.transfer.to != replica_id{}
      || refuses_change(me, {change_mode::leave, {}}))
    return;
  stir(me);
  const auto leave = encode(configuration_change{change_mode::leave, {}});
  me.pending_change = append_own(me, entry_kind::configuration,
                                 std::make_shared<const std::string>(leave));
}

bool peer::is_witness() const noexcept {
  return contains(members_.witnesses, how_.self);
}

} // namespace grape::raft
