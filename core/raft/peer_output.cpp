#include "core/raft/peer.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <utility>

namespace grape::raft {

message peer::draft(message_kind kind, replica_id to) const {
  message made;
  made.kind = kind;
  made.from = how_.self;
  made.to = to;
  made.term = term_;
  return made;
}

void peer::send(message what) {
  out_.messages.push_back(std::move(what));
}

// rule 01: what depends on our term, our vote or our log leaves once a write has made it durable.
void peer::hold(message what, grape::term entry_term) {
  held_.push_back({std::move(what), entry_term});
}

/// A leader that forgot its term could be elected in it again and say something else. So nothing
/// it says leaves before that is impossible. True: it is in the output.
bool peer::send_as_leader(message what) {
  if (durable_.term != term_ || durable_.vote != vote_) {
    hold(std::move(what), {});
    return false;
  }
  send(std::move(what));
  return true;
}

// rule 16: an ack is for an entry of a term; it dies with either of them.
bool peer::still_true(const held_message& held) const {
  const auto& what = held.what;
  if (what.kind != message_kind::append_response)
    return true;
  return what.term == term_
         && (what.index <= log_.commit() || log_.has(what.index, held.entry_term));
}

bool peer::must_write() const {
  return handed_out_.term != term_ || handed_out_.vote != vote_ || log_.has_unwritten();
}

leadership peer::standing() const {
  return {static_cast<role>(role_.index()), leader_, term_};
}

bool peer::has_output() const {
  return !failed_
         && (!out_.messages.empty() || !out_.reads.empty() || !out_.failed_reads.empty()
             || !held_.empty() || must_write() || told_ != standing());
}

output peer::take_output() {
  output taken;
  take_output(taken);
  return taken;
}

void peer::take_output(output& into) {
  into.messages.clear();
  into.reads.clear();
  into.failed_reads.clear();
  into.to_write.reset();
  into.changed.reset();
  if (failed_)
    return;
  std::swap(into, out_);
  if (must_write()) {
    last_token_ = last_token_.next();
    auto& asked = into.to_write.emplace();
    asked.token = last_token_;
    asked.state = {term_, vote_, log_.commit()};
    log_.hand_out(asked);
    handed_out_ = asked.state;
    writes_.push_back({asked.token, asked.state, asked.snapshot, {}});
  }
  for (auto& held : held_) {
    if (!writes_.empty())
      writes_.back().held.push_back(std::move(held));
    else if (still_true(held))
      into.messages.push_back(std::move(held.what));
  }
  held_.clear();
  if (told_ != standing())
    into.changed = told_ = standing();
  if (auto* me = std::get_if<leader>(&role_)) {
    me->round_open = false;
    for (auto& member : me->members)
      member.open_append = 0;
  }
}

std::vector<message> peer::persisted(write_token token) {
  std::vector<message> released;
  while (!failed_ && !writes_.empty() && writes_.front().token <= token) {
    auto done = std::move(writes_.front());
    writes_.pop_front();
    complete(done, released);
  }
  return released;
}

void peer::complete(queued_write& done, std::vector<message>& released) {
  durable_ = done.state;
  settled_ = std::max(settled_, durable_.commit);
  log_.written(done.token);
  if (done.snapshot && done.snapshot->index > applied_) {
    applied_ = done.snapshot->index;
    adopt(std::move(done.snapshot->members));
  }
  for (auto& held : done.held)
    if (still_true(held))
      released.push_back(std::move(held.what));
  // rule 02: the own vote counts now, if it is still asked for.
  auto* asking = std::get_if<candidate>(&role_);
  if (asking != nullptr && done.state.term == term_ && done.state.vote == how_.self) {
    asking->votes.record(how_.self, true);
    settle_votes(*asking);
  }
  count_own_log();
}

std::vector<entry> peer::next_to_apply(std::size_t bytes_max, log_index after) const {
  if (failed_ || log_.unwritten_snapshot() != nullptr)
    return {};
  // rule 18: committed is not enough, the own disk must have it.
  const auto through = std::min(log_.commit(), log_.durable());
  const auto before = std::max(applied_, after);
  if (through <= before)
    return {};
  return log_.entries(before.next(), through, bytes_max);
}

void peer::compacted(log_index through) {
  GRAPE_CHECK(failed_ || through <= applied_);
  log_.compacted(through);
}

// rule 34: after a failed write nobody knows what the disk holds; so nothing is said any more.
void peer::fail() {
  failed_ = true;
  out_ = {};
  held_.clear();
  writes_.clear();
}

std::vector<entry> peer::log_entries(log_index first, log_index through) const {
  std::vector<entry> all;
  log_.each(std::max(first, log_.first()), through, [&all](const entry& one) {
    all.push_back(one);
  });
  return all;
}

peer_status peer::status() const {
  peer_status now;
  now.role = standing().role;
  now.term = term_;
  now.vote = vote_;
  now.leader = leader_;
  now.commit = log_.commit();
  now.applied = applied_;
  now.durable = log_.durable();
  now.settled = settled_;
  now.first = log_.first();
  now.last = log_.last();
  now.last_term = log_.last_term();
  now.members = members_;
  now.held_messages = held_.size();
  for (const auto& one : writes_)
    now.held_messages += one.held.size();
  now.failed = failed_;
  now.asleep = asleep_;
  if (const auto* me = std::get_if<follower>(&role_))
    now.pending_reads = me->reads.size();
  const auto* me = std::get_if<leader>(&role_);
  if (me == nullptr)
    return now;
  now.transferee = me->transfer.to;
  now.pending_change = me->pending_change;
  now.pending_reads = me->reads.size() + me->early_reads.size();
  now.uncommitted_bytes = me->uncommitted_bytes;
  now.progress.reserve(me->members.size());
  for (const auto& one : me->members)
    now.progress.push_back({one.which, one.state, one.match,
                            one.which == how_.self ? log_.last().next() : one.next, one.paused(),
                            one.window.count(), one.pending_snapshot});
  return now;
}

} // namespace grape::raft
