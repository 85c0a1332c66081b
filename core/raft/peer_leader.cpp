#include "core/raft/peer.hpp"

#include "core/raft/codec.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace grape::raft {

void peer::become_leader() {
  leader_ = how_.self;
  auto& me = role_.emplace<leader>();
  restart_timer();
  for (const auto which : members_.members()) {
    auto& member = me.members.emplace_back();
    member.which = which;
    member.next = log_.last().next();
    if (which == how_.self)
      member.state = progress_state::replicate;
  }
  // The log may hold a change that is not applied yet: the next one waits for all of it.
  me.pending_change = log_.last();
  if (how_.lease_ticks > 0)
    count_round(me); // Acks of the first entry answer round 1.
  // rule 12: an empty entry of the new term at once; no limit holds it up.
  me.first_own = append_own(me, entry_kind::normal, {});
  count_own_log();
}

void peer::tick_role(leader& me) {
  if (elapsed_ >= how_.election_ticks) {
    elapsed_ = 0;
    // rule 07: without a quorum somebody else may lead already.
    if (how_.check_quorum && !quorum_is_active(me))
      return become_follower(term_, {});
    if (how_.check_quorum)
      for (auto& member : me.members)
        member.recently_active = false;
  }
  if (me.transfer.to != replica_id{} && ++me.transfer.elapsed >= how_.election_ticks)
    end_transfer(me);
  if (how_.hibernate_after_ticks > 0)
    ++me.idle_ticks;
  if (++me.since_heartbeat >= how_.heartbeat_ticks)
    send_heartbeats(me);
}

bool peer::quorum_is_active(const leader& me) const {
  const auto heard = [this, &me](replica_id which) -> std::optional<bool> {
    const auto* member = me.find(which);
    return which == how_.self || (member != nullptr && member->recently_active);
  };
  return count_votes(members_, heard) == vote_result::won;
}

void peer::send_heartbeats(leader& me) {
  me.since_heartbeat = 0;
  const bool sleepy = may_hibernate(me);
  if (sleepy)
    void_lease(me);
  else if (how_.lease_ticks > 0)
    count_round(me);
  const auto round = how_.lease_ticks > 0 ? me.rounds : me.reads.empty() ? 0 : me.rounds;
  bool all_asleep = sleepy;
  for (auto& member : me.members) {
    if (member.which == how_.self)
      continue;
    auto beat = draft(message_kind::heartbeat, member.which);
    beat.commit = std::min(member.match, log_.commit());
    beat.hint = certain_commit();
    beat.context = round;
    if (sleepy) {
      beat.index = log_.last();
      beat.log_term = log_.last_term();
    }
    all_asleep = all_asleep && member.asleep;
    send_as_leader(std::move(beat));
  }
  asleep_ = all_asleep;
}

void peer::on(leader& me, message& in) {
  switch (in.kind) {
    case message_kind::append_response: return handle_append_response(me, in);
    case message_kind::heartbeat_response: return handle_heartbeat_response(me, in);
    case message_kind::propose:
      for (auto& one : in.entries) {
        if (one.kind == entry_kind::normal)
          propose_entry(one.kind, std::move(one.data));
        else if (const auto change = decode_change(one.data ? *one.data : std::string{}))
          propose(*change);
      }
      return;
    case message_kind::read: {
      if (!accept_read(me, {0, {}, in.context, in.from}))
        refuse_read(in.from, in.context);
      return;
    }
    case message_kind::transfer: return begin_transfer(me, replica_id{in.context});
    case message_kind::vote:
    case message_kind::vote_response:
    case message_kind::prevote:
    case message_kind::prevote_response:
    case message_kind::append:
    case message_kind::heartbeat:
    case message_kind::snapshot:
    case message_kind::timeout_now:
    case message_kind::read_response: return; // No other leader has our term.
  }
}

void peer::handle_append_response(leader& me, const message& in) {
  auto* from = me.find(in.from);
  if (from == nullptr || in.index > log_.last())
    return;
  from->recently_active = true;
  if (in.reject) {
    const auto hint = in.hint_term == grape::term{} ? in.hint
                                                    : log_.agreement(in.hint, in.hint_term).index;
    if (from->refused(in.index, hint))
      send_append(*from, true);
    return;
  }
  if (how_.lease_ticks > 0 && in.index >= me.first_own && from->round_acked == 0) {
    from->round_acked = 1;
    confirm_rounds(me);
  }
  const bool news = from->acked(in.index);
  if (!news && (from->state != progress_state::probe || in.index != from->match))
    return;
  if (from->state == progress_state::probe)
    from->become_replicate();
  else if (from->state == progress_state::replicate)
    from->window.free_through(in.index);
  // rule 33: a snapshot is done when the follower says so, at whatever index it says.
  else if (from->match.next() >= log_.first())
    from->become_replicate();
  else if (in.index >= from->pending_snapshot)
    from->become_probe();
  if (advance_commit(me))
    broadcast_append(me, true);
  else if (from->commit_told < log_.commit() && from->commit_told.next() < from->next)
    send_append(*from, true);
  while (send_append(*from, false)) {
  }
  hand_over_if_caught_up(me, *from);
}

void peer::handle_heartbeat_response(leader& me, const message& in) {
  auto* from = me.find(in.from);
  if (from == nullptr || in.context > me.rounds)
    return;
  from->recently_active = true;
  from->held_back = false;
  note_sleeper(me, *from, in);
  from->round_acked = std::max(from->round_acked, in.context);
  if (from->match < log_.last() || from->state == progress_state::probe)
    send_append(*from, true);
  confirm_rounds(me);
  if (is_witness()) // Its TimeoutNow may be lost, and no ack may ever come again.
    hand_over_if_caught_up(me, *from);
}

bool peer::takes_proposals(const leader& me) const {
  return me.transfer.to == replica_id{} && members_.is_member(how_.self) && !is_witness();
}

proposal peer::propose(payload data) {
  return propose_entry(entry_kind::normal, std::move(data));
}

proposal peer::propose_entry(entry_kind kind, payload data) {
  if (failed_)
    return dropped{};
  if (std::holds_alternative<follower>(role_)) {
    wake();
    auto wish = draft(message_kind::propose, leader_);
    wish.entries.push_back({{}, {}, kind, std::move(data)});
    return forward(wish) ? proposal{forwarded{}} : proposal{dropped{}};
  }
  auto* me = std::get_if<leader>(&role_);
  // rule 40: an entry that was not appended is surely not applied; of every other nobody knows.
  if (me == nullptr || !takes_proposals(*me))
    return dropped{};
  stir(*me);
  // rule 38: proposals that are not committed are bounded in bytes.
  const auto bytes = data ? data->size() : 0;
  if (bytes > 0 && me->uncommitted_bytes > 0 && how_.uncommitted_bytes_max > 0
      && me->uncommitted_bytes + bytes > how_.uncommitted_bytes_max)
    return dropped{errc::overloaded};
  me->uncommitted_bytes += bytes;
  const auto index = append_own(*me, kind, std::move(data));
  return appended{index, term_};
}

log_index peer::append_own(leader& me, entry_kind kind, payload data) {
  const auto index = log_.last().next();
  log_.append({index, term_, kind, std::move(data)});
  broadcast_append(me, false);
  return index;
}

} // namespace grape::raft
