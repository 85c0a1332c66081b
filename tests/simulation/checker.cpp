#include "tests/simulation/checker.hpp"

#include "core/check.hpp"
#include "tests/simulation/violation.hpp"

#include <algorithm>
#include <string>

namespace grape::simulation {

namespace {

std::string name(replica_id who) {
  return "replica " + std::to_string(who.value);
}

std::string at(log_index index) {
  return " at index " + std::to_string(index.value);
}

std::uint64_t place(grape::term term, log_index index) {
  return term.value << 32 | index.value;
}

} // namespace

void checker::begin(const staged_snapshot& from) {
  base_ = from.mark.index;
  committed_.assign(1, {from.mark.term, from.prefix, from.mark.term});
  truth_ = from.data;
  digests_.assign(1, truth_.digest);
  members_.assign(1, {base_, truth_.members});
  seen_ = base_;
}

log_index checker::last_committed() const noexcept {
  return log_index{base_.value + committed_.size() - 1};
}

const checker::fact& checker::committed_at(log_index index) const {
  return committed_[static_cast<std::size_t>(index.value - base_.value)];
}

std::uint64_t checker::prefix_at(log_index index) const {
  return committed_at(index).prefix;
}

void checker::log_changed(replica_id who, const chain& log, log_index first) {
  for (auto i = std::max(first, log.base().next()); i <= log.last(); i = i.next()) {
    const auto& link = log.at(i);
    const auto [known, fresh] = prefixes_.try_emplace(place(link.term, i), link.prefix);
    if (!fresh && known->second != link.prefix)
      throw violation("log_matching", name(who) + " has another log" + at(i) + " of term "
                                          + std::to_string(link.term.value));
  }
}

log_index checker::disk_changed(replica_id who, const chain& disk, grape::term knows,
                                log_index kept) const {
  if (kept > base_ && disk.base() < kept && !disk.agrees(kept, prefix_at(kept)))
    throw violation("committed_is_durable", name(who) + " lost a committed entry" + at(kept));
  auto last = std::min(disk.last(), last_committed());
  while (last > std::max(kept, base_) && committed_at(last).committed_in > knows)
    --last.value;
  return last > std::max(kept, base_) && disk.agrees(last, prefix_at(last)) ? last : kept;
}

void checker::became_leader(const moment& now, replica_id transferee, const chain& log) {
  const auto [known, fresh] = leaders_.try_emplace(now.term.value, now.who);
  if (!fresh && known->second != now.who)
    throw violation("election_safety", name(now.who) + " and " + name(known->second)
                                           + " lead in term " + std::to_string(now.term.value));
  if (transferee != replica_id{})
    throw violation("transfers_end_with_the_term", name(now.who) + " begins to lead with one");
  // What a leader of an older term committed; an old candidate may win late and harmlessly.
  auto last = last_committed();
  while (last > base_ && committed_at(last).committed_in >= now.term)
    --last.value;
  if (log.last() < last || (log.base() <= last && !log.agrees(last, prefix_at(last))))
    throw violation("leader_completeness", name(now.who) + " leads term "
                                               + std::to_string(now.term.value)
                                               + " without what is committed" + at(last));
}

void checker::committed(const moment& now, const raft::configuration& members, const chain& log,
                        const disk_of& disks) {
  if (now.commit > log.last())
    throw violation("commit_within_log",
                    name(now.who) + " commits beyond its log" + at(now.commit));
  if (now.role == raft::role::leader && !is_quorum(members, [&](replica_id each) {
        const auto* disk = disks(each);
        return disk != nullptr
               && (disk->base() > now.commit
                   || disk->agrees(now.commit, log.at(now.commit).prefix));
      }))
    throw violation("commit_is_durable",
                    name(now.who) + " commits what no quorum has on disk" + at(now.commit));
  const auto shared = std::min(now.commit, last_committed());
  if (log.base() <= shared && !log.agrees(shared, committed_at(shared).prefix))
    throw violation("committed_prefixes_equal", name(now.who)
                                                    + " commits another entry at or before"
                                                    + std::to_string(shared.value));
  if (log.base() > last_committed())
    return; // The rest came in a snapshot, which is looked at when it is installed.
  for (auto i = last_committed().next(); i <= now.commit; i = i.next()) {
    if (now.role == raft::role::leader && log.at(i).term < now.term)
      counts_->hit(rare::old_term_entry_committed);
    committed_.push_back({log.at(i).term, log.at(i).prefix, now.term});
  }
}

void checker::counted(const moment& now, const chain& log) {
  if (log.holds(now.commit) && log.at(now.commit).term != now.term)
    throw violation("commit_counts_own_term",
                    name(now.who) + " counts an older one" + at(now.commit));
}

void checker::compare(const moment& before, const moment& now) {
  if (now.term < before.term)
    throw violation("term_monotonic", name(now.who));
  if (now.commit < before.commit)
    throw violation("commit_monotonic", name(now.who));
  if (now.applied < before.applied)
    throw violation("applied_monotonic", name(now.who));
  if (now.applied > now.commit)
    throw violation("applied_is_committed", name(now.who));
}

void checker::change_proposed(const moment& now, const chain& log, log_index at_index) {
  const auto earlier = log.last_change(log_index{at_index.value - 1});
  if (earlier > now.applied)
    throw violation("one_change_at_a_time",
                    name(now.who) + " proposes a second change" + at(at_index));
}

void checker::sent(const raft::message& what, const disk& from, const chain& log) {
  const auto& kept = from.state();
  const auto voted = [&](replica_id whom) {
    return kept.term > what.term || (kept.term == what.term && kept.vote == whom);
  };
  const auto grants = what.kind == raft::message_kind::vote_response && !what.reject;
  if (grants && !voted(what.to))
    throw violation("vote_is_durable",
                    name(what.from) + " votes in term " + std::to_string(what.term.value));
  const auto leads =
      what.kind == raft::message_kind::append || what.kind == raft::message_kind::heartbeat
      || what.kind == raft::message_kind::snapshot || what.kind == raft::message_kind::timeout_now;
  if (leads && !voted(what.from))
    throw violation("leadership_is_durable",
                    name(what.from) + " leads in term " + std::to_string(what.term.value));
  // Without an index it only frees a leader of an older term.
  if (what.kind == raft::message_kind::append_response && !what.reject
      && what.index != log_index{}) {
    const auto& disk = from.durable();
    if (kept.term < what.term)
      throw violation("ack_is_durable",
                      name(what.from) + " acknowledges in a term not on its disk");
    const auto same = log.holds(what.index) ? disk.agrees(what.index, log.at(what.index).prefix)
                                            : what.index < log.base() && disk.holds(what.index);
    if (disk.base() < what.index && !same)
      throw violation("ack_is_durable", name(what.from) + " acknowledges" + at(what.index));
  }
}

void checker::applied(replica_id who, const machine& after, const raft::entry& next) {
  const auto offset = static_cast<std::size_t>(next.index.value - base_.value);
  if (offset >= committed_.size())
    throw violation("applied_is_committed", name(who) + at(next.index));
  if (next.index == truth_.applied.next()) {
    const auto before = truth_.members;
    const auto how = truth_.apply(next);
    if (const auto what = decode(next))
      take_effect(*what, how);
    if (truth_.members != before)
      change_members(*before);
    digests_.push_back(truth_.digest);
  }
  if (next.term != committed_[offset].term || digests_[offset] != after.digest)
    throw violation("state_machine_safety", name(who) + " has another state" + at(next.index));
}

void checker::installed(replica_id who, const machine& data) const {
  const auto offset = static_cast<std::size_t>(data.applied.value - base_.value);
  if (offset >= digests_.size() || digests_[offset] != data.digest)
    throw violation("state_machine_safety",
                    name(who) + " installed another state" + at(data.applied));
}

void checker::take_effect(const command& what, const effect& how) {
  if (refused_.contains(what.attempt))
    throw violation("refused_is_not_applied",
                    "attempt " + std::to_string(what.attempt) + at(truth_.applied));
  if (what.kind != command_kind::in_session)
    return;
  if (how.expired)
    counts_->hit(rare::session_expired);
  if (how.repeated)
    counts_->hit(rare::retry_answered_twice);
  if (how.took_effect && !effects_.emplace(what.session, what.sequence).second)
    throw violation("sessions_apply_once", "request " + std::to_string(what.sequence)
                                               + " of session " + std::to_string(what.session));
}

void checker::refused(std::uint64_t attempt) {
  refused_.insert(attempt);
}

void checker::answered(std::uint64_t session, std::uint64_t sequence, std::uint64_t result) {
  const auto [known, fresh] = answers_.try_emplace(session << 32 | sequence, result);
  if (!fresh && known->second != result)
    throw violation("answers_are_equal", "request " + std::to_string(sequence) + " of session "
                                             + std::to_string(session));
}

void checker::read(replica_id who, log_index floor, log_index confirmed) {
  if (confirmed < floor)
    throw violation("reads_are_linearizable", name(who) + " reads" + at(confirmed) + " after index "
                                                  + std::to_string(floor.value)
                                                  + " was acknowledged");
}

} // namespace grape::simulation
