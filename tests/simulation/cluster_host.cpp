#include "core/check.hpp"
#include "tests/simulation/cluster.hpp"
#include "tests/simulation/violation.hpp"

#include <algorithm>
#include <array>

namespace grape::simulation {

void cluster::tick(node& who) {
  before_input(who);
  const auto is = who.peer->status();
  if (is.asleep) {
    counts_.hit(rare::slept);
    suspect(who);
  } else {
    who.silent_since = 0;
    who.peer->tick();
  }
  settle(who);
  if (who.up())
    schedule(now_ + tick_us * 1'000 / who.rate, event_kind::tick, who.number);
}

/// A sleeping group relies on the link between nodes: silence of a second wakes it.
void cluster::suspect(node& who) {
  const auto is = who.peer->status();
  const auto reaches = [&](replica_id other_id) {
    const auto* other = find(other_id);
    return other_id == who.id
           || (other != nullptr && other->runs() && !net_.blocked(who.number, other->number)
               && !net_.blocked(other->number, who.number));
  };
  const auto hears =
      is.role == raft::role::leader ? is_quorum(is.members, reaches) : reaches(is.leader);
  if (hears) {
    who.silent_since = 0;
    return;
  }
  if (who.silent_since == 0)
    who.silent_since = now_;
  if (now_ - who.silent_since < second)
    return;
  counts_.hit(rare::woken_by_suspicion);
  who.peer->wake();
}

void cluster::schedule_apply(node& who) {
  if (who.applies || who.installs != 0 || who.before.commit <= who.before.applied
      || who.storage.durable().last() <= who.before.applied)
    return;
  who.applies = true;
  schedule(now_ + 1 + disk_luck_.exponential(how_.apply_mean), event_kind::apply, who.number);
}

void cluster::apply(node& who) {
  who.applies = false;
  if (who.installs != 0)
    return;
  static constexpr std::array<std::size_t, 3> sizes = {1, 500, 1u << 20};
  const auto entries = who.peer->next_to_apply(disk_luck_.pick(sizes));
  if (entries.empty())
    return;
  std::vector<std::pair<pending_write, effect>> answers;
  for (const auto& each : entries) {
    if (!who.storage.durable().agrees(each.index, who.log.at(each.index).prefix))
      throw violation("applied_is_durable", "replica " + std::to_string(who.id.value) + " at index "
                                                + std::to_string(each.index.value));
    const auto how = who.state.apply(each);
    laws_.applied(who.id, who.state, each);
    if (each.kind == raft::entry_kind::configuration)
      who.storage.note_members(each.index, who.state.members);
    resolve(who, each, how, answers);
  }
  who.storage.put_state(who.state);
  if (crash_point(who))
    return;
  before_input(who);
  const auto members_before = who.peer->status().members;
  who.peer->applied(who.state.applied);
  members_applied(who, members_before);
  if (crash_point(who))
    return;
  for (const auto& [each, how] : answers)
    answer_write(who, each, how);
  answer_reads(who);
  settle(who);
}

/// Finds who waits for what was applied; a proposal whose place another entry took has failed.
void cluster::resolve(node& who, const raft::entry& next, const effect& how,
                      std::vector<std::pair<pending_write, effect>>& answers) {
  if (who.writes.empty())
    return;
  const auto what = decode(next);
  std::erase_if(who.writes, [&](const pending_write& each) {
    if (what && each.attempt == what->attempt)
      answers.emplace_back(each, how);
    else if (each.index != next.index)
      return false;
    return true;
  });
}

void cluster::members_applied(node& who, const raft::configuration& before) {
  const auto is = who.peer->status();
  laws_.members_applied(who.id, who.state.applied, is.members);
  const auto leads = who.before.role == raft::role::leader;
  if (leads && is.members.joint())
    joint_entered_in_ = who.before.term.value;
  if (leads && before.joint() && !is.members.joint() && joint_entered_in_ != who.before.term.value)
    counts_.hit(rare::joint_left_by_new_leader);
  if (before.is_member(who.id) && !is.members.is_member(who.id)) {
    if (leads)
      counts_.hit(rare::leader_removed);
    who.removed = true;
  }
}

void cluster::checkpoint(node& who) {
  schedule(now_ + 1 + host_luck_.exponential(how_.checkpoint_every), event_kind::checkpoint,
           who.number);
  const auto compacts = host_luck_.below(100) < how_.compact_percent;
  if (who.installs != 0)
    return;
  who.storage.sync_state();
  auto through = who.storage.synced_state().applied.value;
  if (raft::contains(who.state.members->witnesses, who.id))
    for (const auto& each : who.state.members->members()) // Data replicas may need its log.
      if (const auto* other = find(each))
        through = std::min(through, other->storage.synced_state().applied.value);
  through -= std::min<std::uint64_t>(through, how_.kept_entries);
  if (!compacts || through <= who.storage.snapshot().index.value)
    return;
  who.storage.compact(log_index{through});
  if (crash_point(who))
    return;
  before_input(who);
  who.peer->compacted(log_index{through});
  settle(who);
}

void cluster::pause(node& who, instant until) {
  who.paused = true;
  schedule(until, event_kind::resume, who.number);
  note("pause", &who);
}

/// Everything that came meanwhile, in a burst, in the order in which it came.
void cluster::resume(node& who) {
  if (!who.paused)
    return;
  who.paused = false;
  note("resume", &who);
  const auto life = who.life;
  while (!who.written.empty() && who.life == life)
    told_of_write(who);
  auto burst = std::move(who.backlog);
  who.backlog.clear();
  for (const auto& each : burst) {
    if (each.kind == event_kind::deliver)
      hand_over(each.slot);
    else if (each.kind == event_kind::streamed)
      streamed(each.slot);
    else if (who.life == life)
      handle_node(each);
  }
}

} // namespace grape::simulation
