#include "tests/simulation/fleet/world.hpp"

#include <utility>

namespace grape::fleet {

namespace {

constexpr instant beat_us = 200 * millisecond;
constexpr std::uint64_t beats_per_report = 2;
constexpr instant commands_us_max = 2 * second; ///< Then the coordinator looks again.

} // namespace

void world::beat(host& who, std::uint64_t turn) {
  for (const auto& each : hosts_)
    if (each->place != who.place)
      post(who, each->place, [](host&) {});
  judge(who);
  if (!who.up)
    return;
  if (turn % beats_per_report == 0) {
    report(who);
    auto* control = who.in(cluster::metadata_group);
    const auto leads = control != nullptr && control->up()
                       && control->before.role == raft::role::leader
                       && control->state.applied_term == control->before.term;
    if (leads) {
      broadcast(who, *control);
      look(who, *control);
    } else {
      who.coordinator.reset();
      who.proposed = {};
    }
  }
  later(who, beat_us, [this, &who, turn] { beat(who, turn + 1); });
}

void world::learn(host& who, std::shared_ptr<const cluster::metadata> state, log_index version) {
  if (who.catalog && version <= who.version)
    return;
  who.catalog = std::move(state);
  who.version = version;
  const auto address = [&who](group_id group, const cluster::replica& each) {
    who.addresses[{group, each.id}] = each.node.value - 1;
  };
  for (const auto& [group, replicas] : who.catalog->groups()) {
    for (const auto& each : replicas.replicas)
      address(group, each);
    if (replicas.move && replicas.move->from)
      address(group, *replicas.move->from);
    if (replicas.move && replicas.move->to)
      address(group, *replicas.move->to);
  }
  later(who, 0, [this, &who] { host_replicas(who); });
}

void world::host_replicas(host& who) {
  std::set<cluster::held_replica> held;
  for (const auto& [which, each] : who.residents)
    held.insert(which);
  const auto plan = plan_replicas(*who.catalog, who.number(), held, who.deleted);
  for (const auto& which : plan.end) {
    ++done_.cleaned;
    remove(who, which);
  }
  for (const auto& each : plan.begin) {
    settle_in(who, each);
    if (!who.up)
      return;
  }
}

/// Sleeping groups rely on the nodes' links: silence wakes them.
void world::judge(host& who) {
  if (!who.catalog)
    return;
  const auto now_ms = agenda_.now_ms();
  for (const auto& [number, entry] : who.catalog->nodes())
    if (number != who.number() && entry.state != cluster::node_state::removed)
      who.hears->watch(number, now_ms);
    else
      who.hears->forget(number);
  auto wakes = false;
  for (const auto& change : who.hears->judge(now_ms))
    wakes = wakes || change.is != cluster::health::alive;
  if (!wakes)
    return;
  for (const auto& [which, each] : who.residents)
    if (each->up() && each->peer->asleep()) {
      each->peer->wake();
      settle(*each);
    }
}

/// A process that dies closes its connections; not all of the others need be told at once.
void world::connections_end(std::uint32_t place) {
  constexpr std::uint64_t told_percent = 80;
  for (const auto& each : hosts_)
    if (each->up && each->place != place && fault_luck_.below(100) < told_percent)
      later(*each, fault_luck_.exponential(5 * millisecond),
            [this, &who = *each, place] { lost(who, place); });
}

void world::lost(host& who, std::uint32_t place) {
  who.hears->lost(hosts_[place]->number());
  std::vector<std::pair<resident*, replica_id>> concerned;
  for (const auto& [which, at] : who.addresses)
    if (auto* own = at == place ? who.in(which.group) : nullptr; own != nullptr && own->up())
      concerned.emplace_back(own, which.id);
  for (const auto& [own, gone] : concerned)
    if (own->up()) {
      own->peer->report_lost(gone);
      settle(*own);
    }
}

void world::report(host& who) {
  if (!who.catalog)
    return;
  cluster::host_report said;
  said.incarnation = who.life;
  said.number = ++who.reports;
  said.silent = who.hears->silent();
  for (const auto& [which, each] : who.residents) {
    if (each->up() && each->before.role == raft::role::leader)
      said.leads.push_back(report_of(*each));
  }
  said.indexed = who.indexed;
  for (const auto& which : cluster::leaving_replicas(*who.catalog, who.number()))
    if (!who.residents.contains(which))
      said.gone.insert(which);
  const auto found = who.catalog->groups().find(cluster::metadata_group);
  if (found == who.catalog->groups().end())
    return;
  for (const auto& each : found->second.replicas)
    post(who, each.node.value - 1, [this, from = who.number(), said](host& to) {
      to.told->told(from, said, agenda_.now_ms());
    });
}

cluster::group_report world::report_of(resident& leader) {
  constexpr std::uint64_t near = 20;
  const auto is = leader.peer->status();
  cluster::group_report said;
  said.group = leader.which.group;
  said.term = is.term;
  said.members = is.members;
  said.members_since = leader.members_since;
  said.leader = leader.id;
  for (const auto& each : is.progress) {
    if (each.which == leader.id || each.state != raft::progress_state::replicate
        || each.match.value + near < is.last.value)
      continue;
    if (raft::contains(is.members.learners, each.which))
      said.following.push_back(each.which);
    else if (raft::contains(is.members.voters, each.which)
             && !raft::contains(is.members.witnesses, each.which))
      said.successor = each.which;
  }
  said.failures = leader.failures;
  return said;
}

log_index world::propose(resident& control, const cluster::metadata_command& what) {
  const auto fate = control.peer->propose(simulation::encode(++attempts_, what));
  const auto* placed = std::get_if<raft::appended>(&fate);
  return placed == nullptr ? log_index{} : placed->index;
}

bool world::propose(const cluster::metadata_command& what) {
  auto* control = leader_of(cluster::metadata_group);
  if (control == nullptr)
    return false;
  const auto index = propose(*control, what);
  settle(*control);
  return index != log_index{};
}

void world::look(host& who, resident& control) {
  if (who.proposed > control.state.applied && agenda_.now() < who.proposed_at + commands_us_max)
    return;
  const auto state = control.state.control;
  const auto now_ms = agenda_.now_ms();
  std::vector<cluster::metadata_command> commands;
  if (state->cluster_id().empty()) {
    commands.emplace_back(founders());
  } else {
    if (!who.coordinator) {
      who.coordinator.emplace(how_.coordination);
      for (const auto& [group, replicas] : state->groups())
        done_.takeovers += replicas.move ? 1 : 0;
    }
    auto next = who.coordinator->look(*state, who.told->sight(*state, now_ms), now_ms);
    for (const auto& action : next.actions)
      perform(who, action);
    commands = std::move(next.commands);
  }
  for (const auto& command : commands) {
    const auto index = propose(control, command);
    who.proposed = std::max(who.proposed, index);
    who.proposed_at = agenda_.now();
  }
  settle(control);
}

/// To everybody, in case that it was lost the last time.
void world::broadcast(host& who, const resident& control) {
  for (const auto& [number, entry] : control.state.control->nodes())
    if (number != who.number() && number.value <= hosts_.size())
      post(who, number.value - 1,
           [this, state = control.state.control, version = control.state.applied](host& to) {
             learn(to, state, version);
           });
}

void world::perform(host& from, const cluster::group_action& what) {
  const auto group = what.group;
  const auto seen =
      from.told->sight(*from.in(cluster::metadata_group)->state.control, agenda_.now_ms());
  const auto to_leader = [&](auto act) {
    const auto known = from.addresses.find({group, seen.groups.at(group).leader});
    if (known != from.addresses.end())
      post(from, known->second, std::move(act));
  };
  if (const auto* how = std::get_if<cluster::change_members>(&what.action)) {
    if (!control_->groups().contains(group) || !control_->groups().at(group).move)
      ++done_.mended;
    to_leader([this, group, how = *how](host& at) { change(at, group, how); });
  } else if (const auto* over = std::get_if<cluster::hand_leadership_over>(&what.action)) {
    to_leader([this, group, to = over->to](host& at) {
      for (const auto& [which, each] : at.residents)
        if (which.group == group && each->up()) {
          each->peer->transfer_to(to);
          return settle(*each);
        }
    });
  } else if (const auto* build = std::get_if<cluster::build_indexes>(&what.action)) {
    const cluster::held_replica which{group, build->where.id};
    post(from, build->where.node.value - 1, [this, which](host& at) {
      later(at, luck_.exponential(how_.index_mean), [&at, which] {
        if (at.find(which) != nullptr)
          at.indexed.insert(which);
      });
    });
  } else if (const auto* gone = std::get_if<cluster::delete_replica>(&what.action)) {
    const cluster::held_replica which{group, gone->which.id};
    post(from, gone->which.node.value - 1,
         [this, which](host& at) { later(at, 0, [this, &at, which] { remove(at, which); }); });
  }
}

/// A leader refuses what was wanted for other members than it has.
void world::change(host& at, group_id group, const cluster::change_members& how) {
  for (const auto& [which, each] : at.residents) {
    if (which.group != group || !each->up() || each->before.role != raft::role::leader)
      continue;
    if (each->members_since != how.based_on
        || each->peer->status().pending_change > each->state.applied)
      return;
    static_cast<void>(each->peer->propose(how.change));
    return settle(*each);
  }
}

void world::control_changed(const cluster::metadata& before, const cluster::metadata& after) {
  for (const auto& [number, node] : after.nodes()) {
    const auto known = before.nodes().find(number);
    if (known != before.nodes().end() && known->second.state == node.state)
      continue;
    say("node " + std::to_string(number.value) + " `" + node.name + "` is "
        + std::string{to_string(node.state)});
    done_.called_down += node.state == cluster::node_state::down ? 1 : 0;
    if (node.state == cluster::node_state::removed)
      ++(known->second.state == cluster::node_state::leaving ? done_.emptied : done_.replaced);
  }
  for (const auto& [group, replicas] : before.groups())
    if (!after.groups().contains(group))
      say("drop group " + std::to_string(group.value)), ++done_.dropped;
  for (const auto& [group, replicas] : after.groups()) {
    std::set<node_number> nodes;
    for (const auto& each : replicas.replicas)
      if (!nodes.insert(each.node).second)
        throw violation("one_replica_per_node", "group " + std::to_string(group.value));
    if (const auto known = before.groups().find(group); known != before.groups().end()) {
      stage_changed(known->second, replicas);
    } else if (group != cluster::metadata_group) {
      raft::configuration members;
      for (const auto& each : replicas.replicas) {
        members.voters.push_back(each.id);
        if (each.role == cluster::replica_role::witness)
          members.witnesses.push_back(each.id);
      }
      begin_group(group, members);
    }
  }
}

void world::stage_changed(const cluster::shard_replicas& before,
                          const cluster::shard_replicas& after) {
  if (before.move == after.move)
    return;
  const auto group = "group " + std::to_string(after.group.value);
  if (!after.move) {
    ++(before.move->stage == cluster::move_stage::undoing ? done_.undone : done_.moves);
    return say(group + ": move " + std::to_string(before.move->number.value) + " is over");
  }
  const auto& move = *after.move;
  say(group + ": move " + std::to_string(move.number.value) + " from "
      + (move.from ? std::to_string(move.from->node.value) : "-") + " to "
      + (move.to ? std::to_string(move.to->node.value) : "-") + " at stage "
      + std::to_string(static_cast<int>(move.stage)));
  if (move.stage == cluster::move_stage::leaving)
    check_switched(after);
  if (!calm_ && fault_luck_.below(100) < how_.stage_kill_percent)
    kill_at_stage(after);
}

/// What is recorded as done is done.
void world::check_switched(const cluster::shard_replicas& after) const {
  const auto& members = laws_.at(after.group)->members();
  const auto& move = *after.move;
  if (move.from && members.is_member(move.from->id))
    throw violation("recorded_is_done", "group " + std::to_string(after.group.value));
  if (move.to && !raft::contains(members.voters, move.to->id))
    throw violation("recorded_is_done", "group " + std::to_string(after.group.value));
}

} // namespace grape::fleet
