#include "core/raft/peer.hpp"

#include <algorithm>
#include <utility>

namespace grape::raft {

namespace {

constexpr std::size_t lease_rounds_max = 64; // Sent and not confirmed; the oldest are of no use.

} // namespace

bool peer::read(std::uint64_t context) {
  if (failed_)
    return false;
  bool accepted = false;
  if (auto* me = std::get_if<follower>(&role_)) {
    wake();
    auto wish = draft(message_kind::read, leader_);
    wish.context = context;
    accepted = me->reads.size() < how_.pending_reads_max && forward(wish);
    if (accepted)
      me->reads.push_back({context, 2 * how_.election_ticks});
  } else if (auto* leading = std::get_if<leader>(&role_)) {
    accepted = accept_read(*leading, {0, {}, context, how_.self});
  }
  if (!accepted)
    out_.failed_reads.push_back(context);
  return accepted;
}

bool peer::accept_read(leader& me, leader_read asked) {
  if (is_witness() || me.reads.size() + me.early_reads.size() >= how_.pending_reads_max)
    return false;
  stir(me);
  if (committed_own(me))
    start_read(me, asked);
  else
    me.early_reads.push_back(asked);
  return true;
}

// rule 27: the index is the commit at arrival, once something of this term is committed; it is good
// when a quorum answers a heartbeat round that was sent after the read came.
void peer::start_read(leader& me, leader_read asked) {
  asked.index = log_.commit();
  // The clock was read after the question came (advance_clock): whatever was acknowledged before
  // is in this index, however late the answer leaves.
  if (const auto until = lease_end(me))
    return answer_read(asked, *until);
  if (!me.round_open)
    start_round(me);
  asked.round = me.rounds;
  me.reads.push_back(asked);
  confirm_rounds(me);
}

void peer::start_early_reads(leader& me) {
  if (me.early_reads.empty() || !committed_own(me))
    return;
  const auto waited = std::exchange(me.early_reads, {});
  for (const auto& read : waited)
    start_read(me, read);
}

/// Reads that come before these heartbeats have left share them.
void peer::start_round(leader& me) {
  count_round(me);
  me.round_open = true;
  for (const auto& member : me.members) {
    if (member.which == how_.self)
      continue;
    auto beat = draft(message_kind::heartbeat, member.which);
    beat.commit = std::min(member.match, log_.commit());
    beat.hint = certain_commit();
    beat.context = me.rounds;
    send_as_leader(std::move(beat));
  }
}

void peer::count_round(leader& me) {
  ++me.rounds;
  if (how_.lease_ticks == 0)
    return;
  if (me.lease_rounds.size() >= lease_rounds_max)
    me.lease_rounds.pop_front();
  me.lease_rounds.push_back({me.rounds, now_});
}

void peer::confirm_rounds(leader& me) {
  if (me.reads.empty() && me.lease_rounds.empty())
    return;
  const auto answered = [this, &me](replica_id which) {
    const auto* member = me.find(which);
    if (which == how_.self)
      return log_index{me.rounds};
    return log_index{member != nullptr ? member->round_acked : 0};
  };
  const auto confirmed = committed(members_, answered).value_or(log_index{}).value;
  while (!me.lease_rounds.empty() && me.lease_rounds.front().number <= confirmed) {
    if (me.lease_rounds.front().number > me.lease_void_through)
      me.lease_from = me.lease_rounds.front().sent_at;
    me.lease_rounds.pop_front();
  }
  while (!me.reads.empty() && me.reads.front().round <= confirmed) {
    answer_read(me.reads.front(), 0);
    me.reads.pop_front();
  }
}

void peer::answer_read(const leader_read& read, std::uint64_t valid_until) {
  if (read.from == how_.self) {
    out_.reads.push_back({read.context, read.index, valid_until});
    return;
  }
  auto answer = draft(message_kind::read_response, read.from);
  answer.context = read.context;
  answer.index = read.index;
  send_as_leader(std::move(answer));
}

void peer::refuse_read(replica_id from, std::uint64_t context) {
  auto answer = draft(message_kind::read_response, from);
  answer.context = context;
  answer.reject = true;
  send(std::move(answer));
}

/// Rounds sent so far give no lease.
void peer::void_lease(leader& me) {
  me.lease_from.reset();
  me.lease_void_through = me.rounds;
}

// rule 28: from the sending of a round that a quorum answered; never while, or after, a transfer
// can make somebody else leader at once.
std::optional<std::uint64_t> peer::lease_end(const leader& me) const {
  if (how_.lease_ticks == 0 || !how_.check_quorum || !me.lease_from || me.lease_lost
      || me.transfer.to != replica_id{})
    return std::nullopt;
  const auto end = *me.lease_from + how_.lease_ticks;
  return now_ < end ? std::optional{end} : std::nullopt;
}

} // namespace grape::raft
