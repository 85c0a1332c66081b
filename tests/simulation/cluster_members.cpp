#include "core/raft/codec.hpp"
#include "tests/simulation/cluster.hpp"

#include <algorithm>

namespace grape::simulation {

namespace {

constexpr std::size_t nodes_max = 14;
constexpr std::size_t voters_max = 7;
constexpr instant patience_for_changes = 20 * second;

raft::configuration_change one_step(raft::change_kind kind, replica_id which) {
  return {raft::change_mode::automatic, {{kind, which}}};
}

} // namespace

/// The administrator: knows what is committed, tells some node, does not wait.
void cluster::change_members() {
  if (member_luck_.one_in(3))
    retire_removed();
  const auto change = wanted_change();
  auto* at = some_node([this](const node& each) {
    return each.runs() && (each.before.role == raft::role::leader || member_luck_.one_in(4));
  });
  if (!change || at == nullptr)
    return;
  const auto next = raft::changed(laws_.members(), *change);
  if ((next.ok() && !keeps_data(*next)) || !strikes(fault::membership))
    return;
  if (next.ok())
    asked_.emplace_back(now_, *next);
  note("change_members", at, change->mode == raft::change_mode::leave ? "leave" : "change");
  before_input(*at);
  const auto pending = at->peer->status().pending_change;
  const auto fate = at->peer->propose(*change);
  if (std::holds_alternative<raft::appended>(fate) && pending > at->before.applied)
    counts_.hit(rare::change_refused);
  settle(*at);
}

std::optional<raft::configuration_change> cluster::wanted_change() {
  const auto& members = laws_.members();
  if (members.joint() && !members.auto_leave && !member_luck_.one_in(4))
    return raft::configuration_change{raft::change_mode::leave, {}};
  if (auto change = replacement())
    return change;
  const auto voters = members.voters;
  auto learners = members.learners;
  using enum raft::change_kind;
  switch (member_luck_.below(7)) {
    case 0:
    case 1:
      if (learners.empty())
        return nodes_.size() < nodes_max ? std::optional{one_step(add_learner, new_replica())}
                                         : std::nullopt;
      if (voters.size() >= voters_max)
        return one_step(remove, learners.front());
      counts_.hit(rare::learner_promoted);
      return one_step(add_voter, member_luck_.pick(learners));
    case 2:
      if (voters.size() > 2)
        return one_step(remove, member_luck_.pick(voters));
      break;
    case 3:
      if (nodes_.size() < nodes_max && voters.size() < voters_max)
        return one_step(member_luck_.one_in(4) ? add_witness : add_voter, new_replica());
      break;
    case 4:
      if (voters.size() > 2 && !raft::contains(members.witnesses, voters.front()))
        return one_step(add_learner, voters.front());
      break;
    case 5: { // Several at once: joint.
      raft::configuration_change change;
      change.mode =
          member_luck_.one_in(2) ? raft::change_mode::joint : raft::change_mode::automatic;
      if (nodes_.size() < nodes_max && voters.size() < voters_max)
        change.steps.push_back({add_voter, new_replica()});
      if (!learners.empty() && voters.size() < voters_max)
        change.steps.push_back({add_voter, learners.front()});
      if (voters.size() > 2)
        change.steps.push_back({remove, member_luck_.pick(voters)});
      return change.steps.empty() ? std::nullopt : std::optional{change};
    }
    case 6:
      if (voters.size() > 3) {
        raft::configuration_change change;
        change.steps = {{remove, voters.front()}, {remove, voters.back()}};
        return change;
      }
      break;
    default: break;
  }
  return {};
}

/// Of a replica whose disk failed, and of a learner that nobody needs.
std::optional<raft::configuration_change> cluster::replacement() {
  const auto& members = laws_.members();
  for (const auto& each : nodes_) {
    if (!each->lost || !members.is_member(each->id))
      continue;
    raft::configuration_change change;
    if (members.voters.size() > 1 || !raft::contains(members.voters, each->id))
      change.steps.push_back({raft::change_kind::remove, each->id});
    if (nodes_.size() < nodes_max)
      change.steps.push_back({raft::change_kind::add_voter, new_replica()});
    if (!change.steps.empty())
      return change;
  }
  return {};
}

/// An empty node. It knows nobody, and whoever knows it is told by the log. One that was made for
/// a change which came to nothing is taken first.
replica_id cluster::new_replica() {
  for (const auto& each : nodes_)
    if (!each->was_member && each->runs() && each->storage.last() == log_index{}
        && !laws_.members().is_member(each->id) && member_luck_.one_in(2))
      return each->id;
  staged_snapshot nothing;
  nothing.data.members = std::make_shared<const raft::configuration>();
  auto& fresh = add_node(nothing);
  start(fresh);
  return fresh.id;
}

/// Those that a member may go by: the applied ones, and what the logs may still bring. Whoever was
/// removed may go by what nobody else remembers; that concerns nobody.
std::vector<raft::configuration> cluster::possible_configurations() const {
  std::vector<raft::configuration> found{laws_.members()};
  for (const auto& each : nodes_) {
    if (each->lost || !laws_.members().is_member(each->id) || (calm_ && !core_[each->number]))
      continue;
    const auto known = std::max(each->storage.settled(), each->state.applied);
    if (each->state.members->voters.empty() || !laws_.members_at(known))
      continue;
    auto members = *laws_.members_at(known);
    found.push_back(members);
    const auto first = std::max(each->storage.snapshot().index, known).next();
    if (first > each->storage.last())
      continue;
    for (const auto& entry : each->storage.entries(first, each->storage.last(), ~std::size_t{0}))
      if (entry.kind == raft::entry_kind::configuration && entry.data)
        if (const auto how = raft::decode_change(*entry.data))
          if (auto next = raft::changed(members, *how)) {
            members = *next;
            found.push_back(members);
          }
  }
  if (!calm_) // What was asked for lately may still be under way.
    for (const auto& [when, members] : asked_)
      if (now_ < when + patience_for_changes)
        found.push_back(members);
  return found;
}

/// Witnesses alone have a log, but no points; and one can only help a data replica whose log its
/// own meets.
bool cluster::keeps_data(const raft::configuration& members) const {
  if (members.witnesses.empty())
    return true;
  return std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& each) {
    return !each->lost && raft::contains(members.voters, each->id)
           && !raft::contains(members.witnesses, each->id)
           && each->storage.synced_state().applied != log_index{}
           && std::all_of(members.witnesses.begin(), members.witnesses.end(), [&](auto other) {
                const auto* witness = nodes_[static_cast<std::size_t>(other.value - 1)].get();
                return witness->storage.snapshot().index <= each->storage.last();
              });
  });
}

void cluster::move_leader() {
  auto* at = some_node([this](const node& each) {
    return each.runs() && (each.before.role == raft::role::leader || member_luck_.one_in(4));
  });
  if (at == nullptr)
    return;
  const auto members = laws_.members().members();
  const auto target = member_luck_.one_in(10) ? replica_id{member_luck_.below(nodes_.size()) + 1}
                                              : member_luck_.pick(members);
  if (!strikes(fault::transfer))
    return;
  note("move_leader", at);
  before_input(*at);
  at->peer->transfer_to(target);
  settle(*at);
}

} // namespace grape::simulation
