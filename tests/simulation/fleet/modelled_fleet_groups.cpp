#include "tests/simulation/fleet/modelled_fleet.hpp"

#include <algorithm>
#include <string>

namespace grape::fleet {

namespace {

constexpr instant again_us = 1 * second;

} // namespace

std::optional<node_number> modelled_fleet::home_of(group_id group, replica_id which) const {
  const auto found = homes_.find({group, which});
  return found == homes_.end() ? std::nullopt : std::optional{found->second};
}

modelled_group::is_up modelled_fleet::up_in(group_id group) const {
  return [this, group](replica_id which) {
    const auto home = home_of(group, which);
    return home && at(*home).up && at(*home).holds.contains({group, which});
  };
}

/// New groups begin with all of their members.
void modelled_fleet::found_groups() {
  for (const auto& [group, replicas] : state_->groups()) {
    if (groups_.contains(group))
      continue;
    raft::configuration members;
    for (const auto& each : replicas.replicas) {
      members.voters.push_back(each.id);
      if (each.role == cluster::replica_role::witness)
        members.witnesses.push_back(each.id);
    }
    groups_.emplace(group, modelled_group{members, luck_.below(1'000)});
  }
}

void modelled_fleet::elect_later(group_id group) {
  const auto takes = pace_.election_min + luck_.exponential(pace_.election_mean);
  agenda_.after(takes, [this, group] {
    const auto found = groups_.find(group);
    if (found != groups_.end())
      found->second.elect(up_in(group));
  });
}

void modelled_fleet::perform(host& from, const cluster::group_action& what) {
  const auto group = what.group;
  const auto to_leader = [&](auto act) {
    if (const auto leader = home_of(group, groups_.at(group).leader()))
      post(from, *leader, [act = std::move(act)](host&) { act(); });
  };
  if (const auto* how = std::get_if<cluster::change_members>(&what.action))
    to_leader([this, group, how = *how] { change(group, how); });
  else if (const auto* over = std::get_if<cluster::hand_leadership_over>(&what.action))
    to_leader([this, group, to = over->to] { groups_.at(group).hand_over(to, up_in(group)); });
  else if (const auto* build = std::get_if<cluster::build_indexes>(&what.action))
    post(from, build->where.node,
         [this, which = cluster::held_replica{group, build->where.id}](host& to) {
           agenda_.after(luck_.exponential(pace_.index_mean),
                         [&to, which, incarnation = to.incarnation] {
                           if (to.incarnation == incarnation && to.holds.contains(which))
                             to.indexed.insert(which);
                         });
         });
  else if (const auto* gone = std::get_if<cluster::delete_replica>(&what.action))
    post(from, gone->which.node,
         [this, which = cluster::held_replica{group, gone->which.id}](host& to) {
           remove(to, which);
         });
}

void modelled_fleet::change(group_id group, const cluster::change_members& how) {
  auto& one = groups_.at(group);
  if (!one.change(how, up_in(group)))
    return;
  for (const auto learner : one.members().learners)
    if (!one.has_data(learner))
      copy_later(group, learner);
  if (one.members().joint())
    leave_later(group);
  else if (!raft::contains(one.members().voters, one.leader()))
    elect_later(group);
}

void modelled_fleet::leave_later(group_id group) {
  agenda_.after(5 * millisecond, [this, group] {
    auto& one = groups_.at(group);
    if (!one.leave_joint(up_in(group)) && one.members().joint())
      return agenda_.after(again_us, [this, group] { leave_later(group); });
    if (!raft::contains(one.members().voters, one.leader()))
      elect_later(group);
  });
}

/// The data travel while the leader and the learner live; a copy that is cut off begins again.
void modelled_fleet::copy_later(group_id group, replica_id to) {
  const auto takes = pace_.copy_min + luck_.exponential(pace_.copy_mean);
  agenda_.after(takes, [this, group, to] {
    auto& one = groups_.at(group);
    const auto up = up_in(group);
    if (!one.members().is_member(to))
      return;
    if (up(to) && up(one.leader()))
      one.copied(to);
    else
      copy_later(group, to);
  });
}

void modelled_fleet::remove(host& who, const cluster::held_replica& which) {
  if (!who.holds.contains(which))
    return;
  auto& group = groups_.at(which.group);
  if (group.members().is_voter(which.id))
    throw violation("members_keep_their_data", "replica " + std::to_string(which.id.value)
                                                   + " of group "
                                                   + std::to_string(which.group.value));
  group.forget(which.id);
  who.holds.erase(which);
  who.indexed.erase(which);
  who.deleted.insert(which);
}

bool modelled_fleet::is_moving() const {
  return std::any_of(state_->groups().begin(), state_->groups().end(),
                     [](const auto& group) { return group.second.move.has_value(); });
}

std::size_t modelled_fleet::led_by(node_number which) const {
  const auto& holds = at(which).holds;
  return static_cast<std::size_t>(
      std::count_if(holds.begin(), holds.end(), [this](const auto& held) {
        return groups_.at(held.group).leader() == held.id;
      }));
}

std::size_t modelled_fleet::leaderless() const {
  return static_cast<std::size_t>(
      std::count_if(groups_.begin(), groups_.end(),
                    [this](const auto& each) { return !up_in(each.first)(each.second.leader()); }));
}

void modelled_fleet::check_well() const {
  const auto where = state_->placement();
  const auto counts = replica_counts(where);
  const auto [least, most] = std::minmax_element(
      counts.begin(), counts.end(), [](auto& a, auto& b) { return a.second < b.second; });
  if (most->second - least->second > 1)
    throw violation("nodes_are_level", "node " + std::to_string(most->first.value) + " has "
                                           + std::to_string(most->second) + ", node "
                                           + std::to_string(least->first.value) + " "
                                           + std::to_string(least->second));
  std::set<cluster::held_replica> wanted;
  for (const auto& [group, replicas] : state_->groups()) {
    const auto& placed = where.groups.at(group);
    const auto name = "group " + std::to_string(group.value);
    if (placed.data.size() != placed.factor)
      throw violation("factor_is_met", name + " has " + std::to_string(placed.data.size()));
    const auto& members = groups_.at(group).members();
    if (members.members().size() != replicas.replicas.size())
      throw violation("members_are_committed", name);
    for (const auto& each : replicas.replicas) {
      wanted.insert({group, each.id});
      if (!members.is_voter(each.id))
        throw violation("members_are_committed", name);
      if (!at(each.node).up || !at(each.node).holds.contains({group, each.id}))
        throw violation("replicas_live", name + " on node " + std::to_string(each.node.value));
    }
  }
  for (const auto& each : hosts_)
    for (const auto& held : each->holds)
      if (each->up && !wanted.contains(held))
        throw violation("nothing_is_left_behind", "node " + std::to_string(each->number.value));
}

} // namespace grape::fleet
