#include "tests/simulation/fleet/world.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace grape::fleet {

namespace {

using simulation::staged_snapshot;

/// Initial members are not in the log: it begins after this index, so that whoever joins later
/// gets a snapshot first.
constexpr log_index first_index{1};

std::string named(const cluster::held_replica& which) {
  return "replica " + std::to_string(which.id.value) + " of group "
         + std::to_string(which.group.value);
}

staged_snapshot first_snapshot(group_id group, const raft::configuration& members) {
  staged_snapshot first;
  first.data.members = std::make_shared<const raft::configuration>(members);
  if (members.voters.empty())
    return first;
  first.mark = {first_index, grape::term{1}, members};
  first.data.applied = first_index;
  first.data.applied_term = first.mark.term;
  first.prefix = 1;
  if (group == cluster::metadata_group)
    first.data.control = std::make_shared<const cluster::metadata>();
  return first;
}

} // namespace

void world::begin_group(group_id group, const raft::configuration& members) {
  if (laws_.contains(group))
    return;
  auto& fresh = laws_[group];
  fresh = std::make_unique<simulation::checker>(counts_);
  fresh->begin(first_snapshot(group, members));
  if (group == cluster::metadata_group)
    control_at_ = first_index;
}

void world::settle_in(host& who, const cluster::replica_start& how) {
  if (!homes_.emplace(how.which, who.place).second)
    throw violation("deleted_never_return", named(how.which) + " on " + who.name);
  say("begin " + named(how.which) + " on " + who.name + (how.first ? " with all members" : ""));
  auto& fresh = who.residents[how.which];
  fresh = std::make_unique<resident>(
      who.place, how.which,
      first_snapshot(how.which.group, how.first.value_or(raft::configuration{})));
  start(*fresh);
}

void world::start(resident& who) {
  ++who.life;
  auto how = how_.how.peer;
  how.self = who.id;
  how.seed = mixed(mixed(seed_, who.id.value << 32 | who.which.group.value), who.life);
  who.log = who.storage.durable();
  const auto& kept = who.storage.state();
  who.peer.emplace(how, raft::boot{kept, who.state.applied, *who.state.members, who.life == 1},
                   who.storage);
  who.before = {who.id, raft::role::follower, kept.term,
                std::max({kept.commit, who.state.applied, who.storage.snapshot().index}),
                who.state.applied};
  who.members_since = who.state.applied;
  who.failures.clear();
  later(who, luck_.below(how_.how.checkpoint_every), [this](resident& it) { checkpoint(it); });
  settle(who);
}

/// What a loss of power leaves of it.
void world::stop(resident& who) {
  if (!who.up())
    return;
  who.storage.crash(luck_, true, true);
  if (laws_.contains(who.which.group))
    who.kept = laws(who.which.group)
                   .disk_changed(who.id, who.storage.durable(), who.storage.state().term, who.kept);
  who.state = who.storage.current_state();
  ++who.life;
  who.peer.reset();
  who.applies = false;
  who.installs = 0;
  who.written.clear();
  who.writes.clear();
  who.reads.clear();
  who.incoming.reset();
  who.transferee = {};
  who.unchecked = {};
  who.disk_free_at = agenda_.now();
}

/// For good: the group does without it.
void world::remove(host& who, const cluster::held_replica& which) {
  const auto found = who.residents.find(which);
  if (found == who.residents.end())
    return;
  if (control_->groups().contains(which.group) && laws(which.group).members().is_member(which.id))
    throw violation("members_keep_their_data", named(which) + " on " + who.name);
  say("delete " + named(which) + " on " + who.name);
  stop(*found->second);
  graves_[which] = std::move(found->second);
  who.residents.erase(found);
  who.deleted.insert(which);
  who.indexed.erase(which);
}

bool world::crash_point(resident& who) {
  if (calm_ || !fault_luck_.per_million(how_.how.crash_point_ppm))
    return false;
  crash(home(who), fault_luck_.exponential(how_.how.down_for));
  return true;
}

void world::tick(host& who) {
  for (const auto& [which, each] : who.residents) {
    if (!each->up() || each->peer->asleep())
      continue;
    each->peer->tick();
    settle(*each);
    if (!who.up)
      return;
  }
  later(who, simulation::tick_us * 1'000 / who.rate, [this, &who] { tick(who); });
}

void world::settle(resident& who) {
  simulation::output_steps::perform(*this, who);
}

void world::hear(resident& who, const raft::output& out) {
  for (const auto context : out.failed_reads) {
    std::erase_if(who.reads, [context](const auto& each) { return each.context == context; });
    refuse(home(who), context, errc::unavailable, {});
  }
  for (const auto& read : out.reads)
    for (auto& each : who.reads)
      if (each.context == read.context) {
        simulation::checker::read(who.id, each.floor, read.index);
        each.confirmed = read.index;
      }
  answer_reads(who);
}

void world::observe(resident& who) {
  if (!who.up())
    return;
  const auto is = who.peer->status();
  const simulation::checker::moment now{who.id, is.role, is.term, is.commit, is.applied};
  simulation::checker::compare(who.before, now);
  if (is.settled > who.storage.settled())
    throw violation("settled_is_durable", named(who.which));
  const auto leads = now.role == raft::role::leader;
  const auto led = who.before.role == raft::role::leader;
  if (leads && (!led || who.before.term != now.term)) {
    say("lead " + named(who.which) + " on " + home(who).name + " in term "
        + std::to_string(now.term.value));
    laws(who.which.group).became_leader(now, is.transferee, who.log);
  }
  who.transferee = is.transferee;
  if (now.commit > who.before.commit) {
    if (leads && led)
      simulation::checker::counted(now, who.log);
    laws(who.which.group)
        .committed(now, is.members, who.log, [this, group = who.which.group](replica_id each) {
          return disk_of({group, each});
        });
  }
  who.before = now;
  schedule_apply(who);
}

const simulation::chain* world::disk_of(const cluster::held_replica& which) const {
  if (const auto* found = find(which))
    return &found->storage.durable();
  const auto grave = graves_.find(which);
  return grave == graves_.end() ? nullptr : &grave->second->storage.durable();
}

/// Keeps the mirror of the peer's log, and looks at what it says.
void world::follow_log(resident& who, const raft::write& next) {
  auto& law = laws(who.which.group);
  if (next.snapshot) {
    const auto& mark = *next.snapshot;
    if (!who.log.holds(mark.index) || who.log.at(mark.index).term != mark.term)
      who.log.restart(mark.index, mark.term, law.prefix_at(mark.index));
  }
  if (next.entries.empty())
    return;
  const auto first = next.entries.front().index;
  const auto status = who.peer->status();
  for (const auto& each : next.entries) {
    who.log.put(each);
    if (each.kind == raft::entry_kind::configuration && status.role == raft::role::leader
        && each.term == status.term)
      simulation::checker::change_proposed(
          {who.id, status.role, status.term, status.commit, status.applied}, who.log, each.index);
  }
  // A leader says nothing before its term is durable. If it forgets the term, it may be elected in
  // it again and write something else.
  if (status.role == raft::role::leader && who.storage.state().term < status.term)
    who.unchecked = who.unchecked == log_index{} ? first : std::min(first, who.unchecked);
  else
    law.log_changed(who.id, who.log, first);
}

void world::queue_write(resident& who, raft::write next) {
  std::optional<staged_snapshot> installs;
  if (next.snapshot) {
    if (!who.incoming || who.incoming->mark.index != next.snapshot->index)
      throw violation("snapshot_has_data", named(who.which));
    installs = std::move(who.incoming);
    who.incoming.reset();
    ++who.installs;
  }
  who.storage.queue(std::move(next), std::move(installs));
  const auto takes = how_.how.write_min + luck_.exponential(how_.how.write_mean);
  who.disk_free_at = std::max(who.disk_free_at, agenda_.now()) + takes;
  auto& where = home(who);
  agenda_.after(who.disk_free_at - agenda_.now(),
                [this, &where, which = who.which, life = who.life] {
                  auto* it = where.find(which);
                  if (it != nullptr && it->up() && it->life == life)
                    wrote(*it);
                });
}

/// The disk does not pause with its process: what it finished is durable, told or not.
void world::wrote(resident& who) {
  if (who.storage.queued() == 0)
    return;
  const auto token = who.storage.oldest();
  const auto switched = who.storage.complete_oldest();
  auto& law = laws(who.which.group);
  who.kept = law.disk_changed(who.id, who.storage.durable(), who.storage.state().term, who.kept);
  who.written.push_back({token, switched});
  if (who.unchecked != log_index{} && who.storage.state().term == who.before.term) {
    law.log_changed(who.id, who.log, who.unchecked);
    who.unchecked = {};
  }
  later(who, 0, [this](resident& it) {
    if (!it.written.empty() && !crash_point(it))
      told_of_write(it);
  });
}

void world::told_of_write(resident& who) {
  const auto [token, switched] = who.written.front();
  who.written.pop_front();
  if (switched) {
    --who.installs;
    who.state = who.storage.current_state();
    who.members_since = who.state.applied;
    laws(who.which.group).installed(who.id, who.state);
    if (who.state.control)
      learn(home(who), who.state.control, who.state.applied);
  }
  auto released = who.peer->persisted(token);
  if (crash_point(who))
    return;
  for (auto& each : released)
    post(who, std::move(each));
  answer_reads(who);
  settle(who);
}

void world::schedule_apply(resident& who) {
  if (who.applies || who.installs != 0 || who.before.commit <= who.before.applied
      || who.storage.durable().last() <= who.before.applied)
    return;
  who.applies = true;
  later(who, 1 + luck_.exponential(how_.how.apply_mean), [this](resident& it) { apply(it); });
}

void world::apply(resident& who) {
  who.applies = false;
  if (who.installs != 0)
    return;
  auto& law = laws(who.which.group);
  std::vector<std::pair<simulation::pending_write, bool>> ended;
  for (const auto& each : who.peer->next_to_apply(1u << 20)) {
    const auto members = who.state.members;
    who.state.apply(each);
    law.applied(who.id, who.state, each);
    if (each.kind == raft::entry_kind::configuration)
      who.storage.note_members(each.index, who.state.members);
    if (who.state.members != members)
      who.members_since = each.index;
    const auto what = simulation::decode(each);
    std::erase_if(who.writes, [&](const auto& write) {
      const auto mine = what && what->attempt == write.attempt;
      if (mine || write.index == each.index)
        ended.emplace_back(write, mine);
      return mine || write.index == each.index;
    });
    if (who.state.control && each.index > control_at_) {
      const auto before = std::exchange(control_, who.state.control);
      control_at_ = each.index;
      if (before != control_)
        control_changed(*before, *control_);
    }
  }
  who.storage.put_state(who.state);
  if (crash_point(who))
    return;
  who.peer->applied(who.state.applied);
  law.members_applied(who.id, who.state.applied, who.peer->status().members);
  if (who.state.control)
    learn(home(who), who.state.control, who.state.applied);
  for (const auto& [write, well] : ended)
    if (well)
      answer(home(who), write.attempt, who.state.applied);
    else
      refuse(home(who), write.attempt, errc::commit_unknown, {});
  answer_reads(who);
  settle(who);
}

void world::checkpoint(resident& who) {
  later(who, 1 + luck_.below(how_.how.checkpoint_every), [this](resident& it) { checkpoint(it); });
  const auto compacts = luck_.below(100) < how_.how.compact_percent;
  if (who.installs != 0)
    return;
  who.storage.sync_state();
  auto through = who.storage.synced_state().applied.value;
  if (raft::contains(who.state.members->witnesses, who.id))
    for (const auto& each : who.state.members->members()) // Data replicas may need its log.
      if (const auto* other = find({who.which.group, each}))
        through = std::min(through, other->storage.synced_state().applied.value);
  through -= std::min<std::uint64_t>(through, how_.how.kept_entries);
  if (!compacts || through <= who.storage.snapshot().index.value)
    return;
  who.storage.compact(log_index{through});
  if (crash_point(who))
    return;
  who.peer->compacted(log_index{through});
  settle(who);
}

} // namespace grape::fleet
