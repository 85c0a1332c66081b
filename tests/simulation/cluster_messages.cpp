#include "core/raft/codec.hpp"
#include "tests/simulation/cluster.hpp"
#include "tests/simulation/violation.hpp"

#include <algorithm>

namespace grape::simulation {

std::uint32_t cluster::keep(envelope what) {
  if (free_envelopes_.empty()) {
    envelopes_.push_back(std::move(what));
    return static_cast<std::uint32_t>(envelopes_.size() - 1);
  }
  const auto slot = free_envelopes_.back();
  free_envelopes_.pop_back();
  envelopes_[slot] = std::move(what);
  return slot;
}

cluster::envelope cluster::take(std::uint32_t slot) {
  free_envelopes_.push_back(slot);
  return std::move(envelopes_[slot]);
}

void cluster::post(node& from, raft::message what) {
  checker::sent(what, from.storage, from.log);
  auto* to = find(what.to);
  if (to == nullptr || to == &from)
    return;
  shorten(what);
  envelope next{std::move(what), from.number, to->number, now_, from.life, {}};
  if (next.what.kind == raft::message_kind::snapshot)
    return stream(from, std::move(next));
  dispatch(std::move(next));
}

/// A leader may send as few entries at a time as it likes. Ours sends as many as it can; others, or
/// other versions, may not.
void cluster::shorten(raft::message& what) {
  if (what.kind != raft::message_kind::append || what.entries.empty() || calm_
      || !host_luck_.per_million(how_.shorten_ppm))
    return;
  what.entries.resize(static_cast<std::size_t>(host_luck_.below(what.entries.size())));
  counts_.hit(rare::append_shortened);
}

/// As bytes and back, as messages between nodes are.
raft::message cluster::as_bytes(raft::message what) {
  auto read = raft::decode_message(raft::encode(what));
  if (!read.ok() || !(*read == what))
    throw violation("bytes_are_the_message", std::string{to_string(what.kind)});
  counts_.hit(rare::message_encoded);
  return std::move(*read);
}

void cluster::dispatch(envelope next) {
  const auto ways = net_.send(next.from, next.to, next.what.kind, now_);
  if (ways.count == 0)
    return lose(next);
  if (ways.count == 2)
    schedule(ways.at[1], event_kind::deliver, next.to, keep(next));
  schedule(ways.at[0], event_kind::deliver, next.to, keep(std::move(next)));
}

void cluster::lose(const envelope& what) {
  record next;
  next.at = now_;
  next.event = "lose";
  next.node = what.to;
  next.other = what.from;
  next.what = to_string(what.what.kind);
  next.since = what.sent_at;
  trace_.add(next);
}

void cluster::deliver(std::uint32_t slot) {
  const auto& next = envelopes_[slot];
  auto& to = *nodes_[next.to];
  const auto forwarded = next.what.kind == raft::message_kind::propose
                         || next.what.kind == raft::message_kind::transfer;
  // Nothing that a core was chosen without may change its members afterwards, nor what a node that
  // slept until then sends on.
  const auto arrives = net_.arrived(next.from, next.to, next.what.kind)
                       && !(calm_ && forwarded && next.sent_at <= calm_since_)
                       && !(calm_ && !core_[next.from]);
  if (!arrives || !to.up()) {
    const auto lost = take(slot);
    auto& from = *nodes_[lost.from];
    lose(lost);
    if (from.runs() && host_luck_.one_in(4)) {
      before_input(from);
      from.peer->report_unreachable(to.id);
      settle(from);
    }
    return;
  }
  if (to.paused) {
    event later;
    later.kind = event_kind::deliver;
    later.node = to.number;
    later.slot = slot;
    to.backlog.push_back(later);
    return;
  }
  hand_over(slot);
}

void cluster::hand_over(std::uint32_t slot) {
  auto next = take(slot);
  auto& to = *nodes_[next.to];
  if (!to.runs())
    return lose(next);
  record done;
  done.event = "deliver";
  done.what = to_string(next.what.kind);
  done.since = next.sent_at;
  done.other = next.from;
  done.index = next.what.index.value;
  done.count = next.what.entries.size();
  count_message(to, next.what);
  const auto request =
      next.what.kind == raft::message_kind::vote || next.what.kind == raft::message_kind::prevote;
  const auto learner = raft::contains(to.state.members->learners, to.id);
  const auto commit = to.before.commit;
  if (next.data)
    to.incoming = *next.data;
  before_input(to);
  to.peer->step(how_.encodes ? as_bytes(std::move(next.what)) : std::move(next.what));
  settle(to);
  if (to.incoming) {
    counts_.hit(rare::snapshot_ignored);
    if (commit < to.incoming->mark.index && to.before.commit >= to.incoming->mark.index)
      counts_.hit(rare::snapshot_kept_log);
    to.incoming.reset();
  }
  if (request && learner && to.up() && to.storage.queued() != 0
      && to.peer->status().vote != replica_id{})
    counts_.hit(rare::learner_voted);
  done.at = now_;
  done.node = to.number;
  done.up = to.up();
  done.role = to.before.role;
  done.term = to.before.term.value;
  done.commit = to.before.commit.value;
  done.applied = to.before.applied.value;
  done.last = to.log.last().value;
  trace_.add(done);
}

void cluster::count_message(const node& to, const raft::message& what) {
  using enum raft::message_kind;
  if (what.kind == append && !what.entries.empty() && what.entries.back().index < to.log.last()
      && what.term == to.before.term && to.log.holds(what.entries.back().index)
      && to.log.at(what.entries.back().index).term == what.entries.back().term)
    counts_.hit(rare::late_prefix_append);
  if (what.kind == append_response && what.reject && what.hint_term.value != 0) {
    counts_.hit(rare::reject_with_hint);
    if (what.hint < to.storage.snapshot().index)
      counts_.hit(rare::reject_hint_compacted);
  }
  if ((what.kind == vote || what.kind == prevote) && !what.force && how_.peer.check_quorum
      && what.term > to.before.term && to.heard_of_leader)
    counts_.hit(rare::vote_ignored_in_lease);
  const auto& sender = *nodes_[static_cast<std::size_t>(what.from.value - 1)];
  if (what.kind == vote && sender.was_member && !laws_.members().is_member(what.from))
    counts_.hit(rare::removed_node_campaigned);
  if (what.kind == read)
    counts_.hit(rare::read_forwarded);
  if (what.kind == propose)
    counts_.hit(rare::proposal_forwarded);
}

/// Data travel outside of the peers' messages, slowly; the message arrives with their end. Every
/// such message is owed one report.
void cluster::stream(node& from, envelope what) {
  counts_.hit(rare::snapshot_sent);
  if (from.state.members->joint())
    counts_.hit(rare::snapshot_during_joint);
  const auto& wanted = *what.what.snapshot;
  const auto* data = &from.state;
  if (const auto& synced = from.storage.synced_state(); disk_luck_.one_in(2)
                                                        && synced.applied >= wanted.index
                                                        && synced.members->is_member(what.what.to))
    data = &synced;
  const auto witness = raft::contains(from.state.members->witnesses, from.id);
  if (!witness && data->members->is_member(what.what.to) && data->applied >= wanted.index) {
    auto staged = std::make_shared<staged_snapshot>();
    staged->mark = {data->applied, data->applied_term, *data->members};
    staged->data = *data;
    staged->prefix = laws_.prefix_at(data->applied);
    what.what.snapshot = std::make_shared<const raft::snapshot_mark>(staged->mark);
    what.data = std::move(staged);
  }
  const auto takes = how_.latency_min + disk_luck_.exponential(how_.stream_mean);
  schedule(now_ + takes, event_kind::streamed, what.from, keep(std::move(what)));
}

void cluster::streamed(std::uint32_t slot) {
  auto& from = *nodes_[envelopes_[slot].from];
  if (from.paused) {
    event later;
    later.kind = event_kind::streamed;
    later.node = from.number;
    later.slot = slot;
    from.backlog.push_back(later);
    return;
  }
  auto next = take(slot);
  if (!from.up() || from.life != next.from_life)
    return lose(next);
  const auto& to = *nodes_[next.to];
  const auto stale = from.before.term != next.what.term;
  if (stale)
    counts_.hit(rare::snapshot_stale_term);
  const auto given_up = stale && host_luck_.one_in(2);
  const auto to_id = next.what.to;
  auto arrives = next.data && !given_up && to.up();
  if (arrives) {
    const auto ways = net_.send(next.from, next.to, next.what.kind, now_);
    arrives = ways.count != 0;
    for (std::size_t i = 0; i < ways.count; ++i)
      schedule(ways.at[i], event_kind::deliver, next.to, keep(next));
  }
  if (!arrives)
    lose(next);
  before_input(from);
  from.peer->report_snapshot(to_id, arrives);
  settle(from);
}

} // namespace grape::simulation
