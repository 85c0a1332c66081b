#include "core/raft/codec.hpp"
#include "core/raft/peer.hpp"

namespace grape::raft {

namespace {

void mix(digest& whole, const progress& one) {
  whole.mix(one.which);
  whole.mix(static_cast<int>(one.state));
  whole.mix(one.match);
  whole.mix(one.next);
  whole.mix(one.pending_snapshot);
  whole.mix(one.commit_told);
  whole.mix(one.held_back);
  whole.mix(one.recently_active);
  whole.mix(one.asleep);
  whole.mix(one.round_acked);
  one.window.mix_into(whole);
}

void mix(digest& whole, const leader_read& one) {
  whole.mix(one.round);
  whole.mix(one.index);
  whole.mix(one.context);
  whole.mix(one.from);
}

void mix(digest& whole, const follower& me) {
  for (const auto& one : me.reads) {
    whole.mix(one.context);
    whole.mix(one.ticks_left);
  }
}

void mix(digest& whole, const pre_candidate& me) {
  me.votes.mix_into(whole);
}

void mix(digest& whole, const candidate& me) {
  me.votes.mix_into(whole);
}

void mix(digest& whole, const leader& me) {
  for (const auto& one : me.members)
    mix(whole, one);
  whole.mix(me.first_own);
  whole.mix(me.pending_change);
  whole.mix(me.since_heartbeat);
  whole.mix(me.uncommitted_bytes);
  whole.mix(me.transfer.to);
  whole.mix(me.transfer.elapsed);
  for (const auto& one : me.reads)
    mix(whole, one);
  whole.mix(me.early_reads.size());
  for (const auto& one : me.early_reads)
    mix(whole, one);
  whole.mix(me.rounds);
  whole.mix(me.round_open);
  for (const auto& one : me.lease_rounds)
    whole.mix(one.sent_at);
  whole.mix(me.lease_void_through);
  whole.mix(me.lease_from.value_or(0));
  whole.mix(me.lease_lost);
  whole.mix(me.idle_ticks);
}

void mix(digest& whole, const configuration& members) {
  for (const auto* set : {&members.voters, &members.outgoing, &members.learners,
                          &members.learners_next, &members.witnesses}) {
    whole.mix(set->size());
    for (const auto one : *set)
      whole.mix(one);
  }
  whole.mix(members.auto_leave);
}

void mix(digest& whole, const hard_state& one) {
  whole.mix(one.term);
  whole.mix(one.vote);
  whole.mix(one.commit);
}

} // namespace

void inflight_window::mix_into(digest& whole) const {
  whole.mix(count_);
  for (std::size_t i = 0; i < count_; ++i)
    whole.mix(ring_[(begin_ + i) % ring_.size()].last);
}

void ballot::mix_into(digest& whole) const {
  for (const auto& one : answers_) {
    whole.mix(one.which);
    whole.mix(one.granted);
  }
}

void log::mix_into(digest& whole, write_token newest) const {
  const auto age = [newest](write_token held_by) { // States differ in order, not in counting.
    return held_by == write_token{} ? 0 : newest.value - held_by.value + 1;
  };
  whole.mix(first());
  whole.mix(last());
  whole.mix(durable_);
  whole.mix(commit_);
  for (const auto& one : kept_) {
    if (one.what.index <= durable_)
      continue; // The disk's state, which whoever explores knows.
    whole.mix(one.what.term);
    whole.mix(static_cast<int>(one.what.kind));
    whole.mix(one.what.data ? std::string_view{*one.what.data} : std::string_view{});
    whole.mix(age(one.held_by));
  }
  whole.mix(restored_ ? restored_->index.value : 0);
  whole.mix(age(restored_by_));
}

std::uint64_t peer::fingerprint() const {
  digest whole;
  log_.mix_into(whole, last_token_);
  mix(whole, members_);
  whole.mix(applied_);
  whole.mix(term_);
  whole.mix(vote_);
  whole.mix(leader_);
  whole.mix(role_.index());
  std::visit([&whole](const auto& me) { mix(whole, me); }, role_);
  whole.mix(elapsed_);
  whole.mix(timeout_);
  whole.mix(early_.lost);
  whole.mix(early_.left);
  whole.mix(early_.ticks);
  whole.mix(lease_owed_);
  whole.mix(now_);
  whole.mix(asleep_);
  whole.mix(failed_);
  mix(whole, handed_out_);
  mix(whole, durable_);
  for (const auto& one : writes_) {
    whole.mix(last_token_.value - one.token.value);
    for (const auto& held : one.held)
      whole.mix(encode(held.what));
  }
  whole.mix(held_.size());
  for (const auto& held : held_)
    whole.mix(encode(held.what));
  for (const auto& one : out_.messages)
    whole.mix(encode(one));
  whole.mix(out_.reads.size());
  for (const auto& one : out_.reads)
    whole.mix(one.context);
  return whole.value();
}

} // namespace grape::raft
