#include "core/raft/peer.hpp"

#include "core/raft/codec.hpp"

#include <algorithm>
#include <utility>

namespace grape::raft {

namespace {

/// Entries that follow the one before without a gap, in terms that a leader of this term can have.
bool are_contiguous(const message& in) {
  auto before = in.index;
  auto term = in.log_term;
  for (const auto& one : in.entries) {
    if (one.index != before.next() || one.term < term || one.term > in.term)
      return false;
    before = one.index;
    term = one.term;
  }
  return true;
}

bool is_in(const snapshot_mark& mark, replica_id which) {
  return mark.members.is_member(which);
}

} // namespace

void peer::tick_role(follower& me) {
  for (auto& read : me.reads)
    if (--read.ticks_left == 0)
      out_.failed_reads.push_back(read.context); // The question or its answer was lost.
  std::erase_if(me.reads, [](const auto& read) { return read.ticks_left == 0; });
  tick_election();
}

void peer::on(follower& me, message& in) {
  switch (in.kind) {
    case message_kind::append:
    case message_kind::heartbeat:
    case message_kind::snapshot: return follow(in);
    case message_kind::timeout_now: return start_election(election::transfer);
    case message_kind::read:
      if (!forward(in))
        refuse_read(in.from, in.context);
      return;
    case message_kind::propose:
    case message_kind::transfer: forward(in); return;
    case message_kind::read_response: return finish_forwarded_read(me, in);
    case message_kind::vote:
    case message_kind::vote_response:
    case message_kind::prevote:
    case message_kind::prevote_response:
    case message_kind::append_response:
    case message_kind::heartbeat_response: return;
  }
}

/// A message from the leader of our term.
void peer::follow(message& in) {
  elapsed_ = 0;
  early_ = {};
  owe_lease();
  leader_ = in.from;
  if (in.kind == message_kind::append)
    handle_append(in);
  else if (in.kind == message_kind::heartbeat)
    handle_heartbeat(in);
  else
    handle_snapshot(in);
}

void peer::handle_append(message& in) {
  if (!are_contiguous(in))
    return;
  auto answer = draft(message_kind::append_response, in.from);
  if (in.index < log_.commit()) {
    answer.index = log_.commit();
    return hold(std::move(answer), log_.term_at(answer.index).value_or(grape::term{}));
  }
  if (!log_.has(in.index, in.log_term)) {
    // rule 15: where the logs may meet, so that the leader needs one question per term at most.
    const auto place = log_.agreement(in.index, in.log_term);
    answer.reject = true;
    answer.index = in.index;
    answer.hint = place.index;
    answer.hint_term = place.term;
    return send(std::move(answer));
  }
  const log_index verified{in.index.value + in.entries.size()};
  const auto verified_term = in.entries.empty() ? in.log_term : in.entries.back().term;
  log_.append_received(in.entries);
  // rule 14: never beyond what this message has verified; our own log may go on differently.
  log_.raise_commit(std::min(in.commit, verified));
  answer.index = verified;
  hold(std::move(answer), verified_term);
}

void peer::handle_heartbeat(const message& in) {
  if (in.commit <= log_.last()) // The leader tells no more than what we acknowledged.
    log_.raise_commit(in.commit);
  auto answer = draft(message_kind::heartbeat_response, in.from);
  answer.context = in.context;
  if (in.index != log_index{} && fall_asleep_with(in))
    answer.index = in.index;
  send(std::move(answer));
}

void peer::handle_snapshot(const message& in) {
  if (!in.snapshot)
    return;
  auto answer = draft(message_kind::append_response, in.from);
  answer.index = restores(*in.snapshot) ? in.snapshot->index : log_.commit();
  if (answer.index > log_.commit())
    log_.restore(in.snapshot);
  hold(std::move(answer), in.snapshot->term);
}

/// Whether our log has to restart at the mark; a mark that lies in it only raises the commit.
bool peer::restores(const snapshot_mark& mark) {
  // rule 30: old news is answered with our commit; what we have already is kept.
  if (mark.index <= log_.commit())
    return false;
  if (log_.has(mark.index, mark.term)) {
    log_.raise_commit(mark.index);
    return false;
  }
  return is_in(mark, how_.self); // rule 31
}

/// To the leader that we know. The term grows on the way, so that two replicas that each believe
/// in the other cannot play it for ever.
bool peer::forward(message& in) {
  if (leader_ == replica_id{} || leader_ == how_.self || leader_ == in.from)
    return false;
  in.to = leader_;
  in.term = term_;
  send(std::move(in));
  return true;
}

void peer::finish_forwarded_read(follower& me, const message& in) {
  const auto found = std::find_if(me.reads.begin(), me.reads.end(), [&in](const auto& read) {
    return read.context == in.context;
  });
  if (found == me.reads.end())
    return;
  me.reads.erase(found);
  if (in.reject)
    out_.failed_reads.push_back(in.context);
  else
    out_.reads.push_back({in.context, in.index});
}

void peer::fail_forwarded_reads() {
  auto* me = std::get_if<follower>(&role_);
  if (me == nullptr)
    return;
  for (const auto& read : me->reads)
    out_.failed_reads.push_back(read.context);
  me->reads.clear();
}

} // namespace grape::raft
