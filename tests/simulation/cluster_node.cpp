#include "core/check.hpp"
#include "tests/simulation/cluster.hpp"
#include "tests/simulation/output_steps.hpp"
#include "tests/simulation/violation.hpp"

#include <algorithm>

namespace grape::simulation {

node& cluster::add_node(const staged_snapshot& first) {
  const auto number = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back(std::make_unique<node>(number, first));
  net_.grow(nodes_.size());
  core_.resize(nodes_.size());
  auto& fresh = *nodes_.back();
  fresh.kept = first.mark.index;
  fresh.rate = static_cast<std::uint32_t>(fault_luck_.between(how_.rate_min, how_.rate_max));
  fresh.clock_at_change = fault_luck_.below(1'000'000) * millisecond;
  fresh.changed_at = now_;
  return fresh;
}

void cluster::start(node& who) {
  ++who.life;
  auto how = how_.peer;
  how.self = who.id;
  how.seed = mixed(mixed(seed_, who.id.value), who.life);
  who.log = who.storage.durable();
  const auto& kept = who.storage.state();
  const raft::boot from{kept, who.state.applied, *who.state.members, who.life == 1};
  who.peer.emplace(how, from, who.storage);
  who.before = {who.id, raft::role::follower, kept.term,
                std::max({kept.commit, who.state.applied, who.storage.snapshot().index}),
                who.state.applied};
  before_input(who);
  schedule(now_ + host_luck_.below(tick_us), event_kind::tick, who.number);
  schedule(now_ + host_luck_.exponential(how_.checkpoint_every), event_kind::checkpoint,
           who.number);
  settle(who);
  note("start", &who);
}

void cluster::crash(node& who) {
  for (const auto& each : who.backlog)
    if (each.kind == event_kind::deliver || each.kind == event_kind::streamed)
      take(each.slot);
  const auto left =
      who.storage.crash(disk_luck_, how_.may(fault::torn), how_.may(fault::state_loss));
  using enum rare;
  for (const auto& [happened, what] : {std::pair{left.lost_vote, vote_lost_in_crash},
                                       {left.lost_entries, write_lost_in_crash},
                                       {left.kept_entries, write_kept_in_crash},
                                       {left.torn, torn_tail_cut},
                                       {left.lost_snapshot, snapshot_lost_in_crash},
                                       {left.state_fell_back, state_fell_back}})
    if (happened)
      counts_.hit(what);
  who.kept =
    laws_.disk_changed(who.id, who.storage.durable(), who.storage.state().term, who.kept);
  who.state = who.storage.current_state();
  ++who.life;
  who.peer.reset();
  who.paused = who.applies = false;
  who.installs = 0;
  who.backlog.clear();
  who.written.clear();
  who.writes.clear();
  who.reads.clear();
  who.incoming.reset();
  who.transferee = {};
  who.unchecked = {};
  who.heard_of_leader = false;
  who.disk_free_at = now_;
  note("down", &who);
  connections_end(who);
}

void cluster::connections_end(const node& gone) {
  for (const auto& each : nodes_)
    if (each->up() && connection_luck_.below(100) < how_.ends_told_percent)
      connection_ends(*each, gone, connection_luck_.exponential(how_.ends_told_mean));
}

void cluster::connection_ends(node& at, const node& to, instant told_after) {
  schedule(now_ + told_after, event_kind::lost, at.number, to.number);
}

void cluster::lost(node& who, std::uint32_t other) {
  const auto& to = *nodes_[other];
  if (who.peer->status().leader == to.id)
    counts_.hit(to.up() ? rare::leader_lost_alive : rare::leader_lost);
  before_input(who);
  who.peer->report_lost(to.id);
  settle(who);
}

bool cluster::crash_point(node& who) {
  if (calm_ || !fault_luck_.per_million(how_.crash_point_ppm))
    return false;
  const auto back_at = now_ + 1 + fault_luck_.exponential(how_.down_for);
  if (!strikes(fault::crash_point))
    return false;
  crash(who);
  schedule(back_at, event_kind::restart, who.number);
  return true;
}

void cluster::before_input(node& who) {
  if (how_.peer.lease_ticks != 0)
    who.peer->advance_clock(who.clock(now_));
}

void cluster::settle(node& who) {
  output_steps::perform(*this, who);
}

void cluster::hear(node& who, const raft::output& out) {
  if (out.changed)
    who.heard_of_leader = out.changed->leader != replica_id{};
  for (const auto context : out.failed_reads)
    fail_read(who, context);
  for (const auto& each : out.reads)
    confirm(who, each);
}

void cluster::observe(node& who) {
  if (!who.up())
    return;
  const auto is = who.peer->status();
  const checker::moment now{who.id, is.role, is.term, is.commit, is.applied};
  checker::compare(who.before, now);
  if (is.settled > who.storage.settled())
    throw violation("settled_is_durable", "replica " + std::to_string(who.id.value));
  const auto leads = now.role == raft::role::leader;
  const auto led = who.before.role == raft::role::leader;
  if (leads && (!led || who.before.term != now.term)) {
    laws_.became_leader(now, is.transferee, who.log);
    count_roles(who);
  }
  if (led && !leads && who.storage.queued() != 0)
    counts_.hit(rare::deposed_while_writing);
  if (who.transferee != replica_id{} && is.transferee != who.transferee)
    counts_.hit(leads ? rare::transfer_aborted : rare::transfer_done);
  who.transferee = is.transferee;
  if (now.commit > who.before.commit) {
    if (leads && led)
      checker::counted(now, who.log);
    laws_.committed(now, is.members, who.log, [this](replica_id each) { return disk_of(each); });
  }
  who.before = now;
  schedule_apply(who);
}

void cluster::count_roles(node& who) {
  const auto& members = *who.state.members;
  if (raft::contains(members.witnesses, who.id))
    counts_.hit(rare::witness_led);
  if (members.voters.size() == 1 && !members.joint())
    counts_.hit(rare::single_voter_led);
  for (const auto& other : nodes_)
    if (other->up() && other.get() != &who && other->before.role == raft::role::leader)
      counts_.hit(rare::two_leaders_at_once);
}

/// Keeps the mirror of the peer's log, and looks at what it says.
void cluster::follow_log(node& who, const raft::write& next) {
  if (next.snapshot) {
    const auto& mark = *next.snapshot;
    const auto holds = who.log.holds(mark.index) && who.log.at(mark.index).term == mark.term;
    if (!holds)
      who.log.restart(mark.index, mark.term, laws_.prefix_at(mark.index));
  }
  if (next.entries.empty())
    return;
  const auto first = next.entries.front().index;
  if (first <= who.log.last()) {
    counts_.hit(rare::conflict_truncated);
    if (who.log.at(first).term != who.log.at(who.log.last()).term)
      counts_.hit(rare::conflict_over_terms);
    if (first <= who.storage.durable().last())
      counts_.hit(rare::durable_conflict);
  }
  const auto status = who.peer->status();
  for (const auto& each : next.entries) {
    who.log.put(each);
    if (each.kind == raft::entry_kind::configuration && status.role == raft::role::leader
        && each.term == status.term)
      checker::change_proposed({who.id, status.role, status.term, status.commit, status.applied},
                               who.log, each.index);
  }
  // A leader says nothing before its term is durable. If it forgets the term, it may be elected in
  // it again and write something else.
  if (status.role == raft::role::leader && who.storage.state().term < status.term)
    who.unchecked = who.unchecked == log_index{} ? first : std::min(first, who.unchecked);
  else
    laws_.log_changed(who.id, who.log, first);
}

void cluster::queue_write(node& who, raft::write next) {
  std::optional<staged_snapshot> installs;
  if (next.snapshot) {
    if (!who.incoming || who.incoming->mark.index != next.snapshot->index)
      throw violation("snapshot_has_data", "replica " + std::to_string(who.id.value));
    installs = std::move(who.incoming);
    who.incoming.reset();
    ++who.installs;
  }
  who.storage.queue(std::move(next), std::move(installs));
  auto takes = how_.write_min + disk_luck_.exponential(how_.write_mean);
  if (!calm_ && disk_luck_.per_million(how_.spike_ppm))
    takes += disk_luck_.exponential(how_.spike_for);
  who.disk_free_at = std::max(who.disk_free_at, now_) + takes;
  schedule(who.disk_free_at, event_kind::written, who.number);
}

/// The disk does not pause with its process: what it finished is durable, told or not.
void cluster::wrote(node& who) {
  if (who.storage.queued() == 0)
    return;
  const auto token = who.storage.oldest();
  const auto switched = who.storage.complete_oldest();
  who.kept =
    laws_.disk_changed(who.id, who.storage.durable(), who.storage.state().term, who.kept);
  who.written.push_back({token, switched});
  if (who.unchecked != log_index{} && who.storage.state().term == who.before.term) {
    laws_.log_changed(who.id, who.log, who.unchecked);
    who.unchecked = {};
  }
  if (who.paused)
    return;
  if (!crash_point(who))
    told_of_write(who);
  note("written", &who);
}

void cluster::told_of_write(node& who) {
  const auto [token, switched] = who.written.front();
  who.written.pop_front();
  before_input(who);
  if (switched) {
    --who.installs;
    who.state = who.storage.current_state();
    laws_.installed(who.id, who.state);
    counts_.hit(rare::snapshot_installed);
    if (who.state.members->joint())
      counts_.hit(rare::snapshot_into_joint);
    std::erase_if(who.writes, [&](const auto& each) { return each.index <= who.state.applied; });
  }
  auto released = who.peer->persisted(token);
  if (crash_point(who))
    return;
  for (auto& each : released)
    post(who, std::move(each));
  answer_reads(who);
  settle(who);
}

} // namespace grape::simulation
