#include "core/raft/peer.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace grape::raft {

/// True: entries, or a snapshot, are on their way, and more may follow.
bool peer::send_append(progress& to, bool even_empty) {
  if (to.which == how_.self || to.paused())
    return false;
  if (to.open_append != 0) {
    if (extend_open_append(to))
      return true;
    if (to.next > log_.last())
      return false;
  }
  const log_index before{to.next.value - 1};
  const auto term_before = log_.term_at(before);
  if (!term_before)
    return send_snapshot(to);
  auto made = draft(message_kind::append, to.which);
  // A full window lets an empty append through after a heartbeat's answer: should all in flight be
  // lost, its refusal says so.
  if (to.next <= log_.last()
      && (to.state == progress_state::probe || !to.window.full(how_)))
    made.entries = log_.entries(to.next, last_of_append(to.next), how_.message_bytes_max);
  if (made.entries.empty() && !even_empty)
    return false;
  made.index = before;
  made.log_term = *term_before;
  made.commit = to.commit_told = log_.commit();
  made.hint = certain_commit();
  std::size_t bytes = 0;
  for (const auto& one : made.entries)
    bytes += one.bytes();
  const auto count = made.entries.size();
  const bool left = send_as_leader(std::move(made));
  if (left && to.state == progress_state::replicate) {
    to.open_append = out_.messages.size();
    to.open_bytes = bytes;
  }
  to.sent(count, bytes, how_);
  return count > 0;
}

/// Where an append that begins at `first` ends at the latest.
log_index peer::last_of_append(log_index first) const {
  if (how_.message_entries_max == 0)
    return log_.last();
  return std::min(log_.last(), log_index{first.value + how_.message_entries_max - 1});
}

/// Proposals made between two outputs share one append.
bool peer::extend_open_append(progress& to) {
  auto& open = out_.messages[to.open_append - 1];
  open.commit = to.commit_told = log_.commit();
  open.hint = certain_commit();
  bool grew = false;
  log_.each(to.next, log_.last(), [&](const entry& next) {
    const bool fits = open.entries.empty()
                      || (to.open_bytes + next.bytes() <= how_.message_bytes_max
                          && next.index <= last_of_append(open.entries.front().index));
    if (to.paused() || next.index != to.next || !fits)
      return;
    to.extended(next.bytes(), open.entries.empty(), how_);
    open.entries.push_back(next);
    grew = true;
  });
  return grew;
}

bool peer::send_snapshot(progress& to) {
  const auto term = log_.term_at(applied_);
  // A witness has no points to send; and a member that is away would only hold up the transfer.
  if (is_witness() || !to.recently_active || !term)
    return false;
  auto made = draft(message_kind::snapshot, to.which);
  made.index = applied_;
  made.log_term = *term;
  made.snapshot = std::make_shared<const snapshot_mark>(snapshot_mark{applied_, *term, members_});
  to.become_snapshot(applied_);
  send_as_leader(std::move(made));
  return true;
}

void peer::broadcast_append(leader& me, bool even_empty) {
  for (auto& member : me.members)
    send_append(member, even_empty);
}

/// True: more is committed now.
bool peer::advance_commit(leader& me) {
  const auto has = [&me](replica_id which) {
    const auto* member = me.find(which);
    return member != nullptr ? member->match : log_index{};
  };
  const auto reached = committed(members_, has);
  // rule 11: only an entry of the own term is committed by counting; what is before it comes along
  // (Raft 5.4.2, figure 8).
  if (!reached || *reached <= log_.commit() || log_.term_at(*reached) != term_)
    return false;
  const auto first_counted = std::max(log_.commit(), me.first_own).next();
  if (me.uncommitted_bytes > 0)
    log_.each(first_counted, *reached, [&me](const entry& one) {
      me.uncommitted_bytes -= std::min(me.uncommitted_bytes, one.bytes());
    });
  log_.raise_commit(*reached);
  start_early_reads(me);
  return true;
}

bool peer::committed_own(const leader& me) const {
  return log_.commit() >= me.first_own;
}

log_index peer::certain_commit() const {
  const auto* me = std::get_if<leader>(&role_);
  return me != nullptr && committed_own(*me) ? log_.commit() : log_index{};
}

// rule 17: the own log counts like any other: as far as the own disk has it.
void peer::count_own_log() {
  auto* me = std::get_if<leader>(&role_);
  if (me == nullptr)
    return;
  auto* own = me->find(how_.self);
  if (own != nullptr && own->acked(log_.durable()) && advance_commit(*me))
    broadcast_append(*me, true);
}

} // namespace grape::raft
