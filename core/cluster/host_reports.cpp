#include "core/cluster/host_reports.hpp"

#include <tuple>
#include <utility>

namespace grape::cluster {

namespace {

/// Those that vote in the metadata group, as nodes.
std::set<node_number> control_voters(const metadata& state) {
  std::set<node_number> nodes;
  const auto found = state.groups().find(metadata_group);
  if (found == state.groups().end())
    return nodes;
  for (const auto& each : found->second.replicas)
    if (each.role != replica_role::learner)
      nodes.insert(each.node);
  return nodes;
}

} // namespace

void host_reports::told(node_number from, host_report what, std::uint64_t now_ms) {
  const auto known = sayings_.find(from);
  if (known != sayings_.end()
      && std::tie(what.incarnation, what.number)
             <= std::tie(known->second.what.incarnation, known->second.what.number))
    return;
  down_.report(from, what.silent, now_ms);
  sayings_.insert_or_assign(from, saying{std::move(what), now_ms});
}

const host_report* host_reports::fresh(node_number from, std::uint64_t now_ms) const {
  const auto found = sayings_.find(from);
  return found == sayings_.end() || found->second.at_ms + fresh_ms_ < now_ms ? nullptr
                                                                             : &found->second.what;
}

cluster_sight host_reports::sight(const metadata& state, std::uint64_t now_ms) const {
  cluster_sight seen;
  seen.down = down_.down(control_voters(state), now_ms, fresh_ms_);
  std::map<group_id, const group_report*> leaders;
  for (const auto& [node, said] : sayings_)
    if (const auto* report = fresh(node, now_ms))
      for (const auto& each : report->leads)
        if (auto& best = leaders[each.group]; best == nullptr || best->term < each.term)
          best = &each;
  for (const auto& [group, report] : leaders)
    if (const auto at = state.groups().find(group); at != state.groups().end())
      look_at(at->second, *report, now_ms, seen.groups[group]);
  for (const auto& [group, replicas] : state.groups())
    if (replicas.move)
      look_at_move(*replicas.move, group, now_ms, seen.groups[group]);
  return seen;
}

void host_reports::look_at(const shard_replicas& group, const group_report& told,
                           std::uint64_t now_ms, move_observation& into) const {
  into.has_leader = true;
  into.members = told.members;
  into.members_since = told.members_since;
  into.leader = told.leader;
  // One that nobody hears would take the leadership into its grave.
  if (const auto* next = group.find(told.successor))
    if (fresh(next->node, now_ms) != nullptr)
      into.successor = next->id;
  if (!group.move || !group.move->to)
    return;
  const auto newcomer = group.move->to->id;
  into.follows = raft::contains(told.following, newcomer);
  if (const auto found = told.failures.find(newcomer); found != told.failures.end())
    into.failures = found->second;
}

void host_reports::look_at_move(const shard_move& move, group_id group, std::uint64_t now_ms,
                                move_observation& into) const {
  if (move.to)
    if (const auto* host = fresh(move.to->node, now_ms))
      into.indexed = host->indexed.contains({group, move.to->id});
  const auto& goes = move.stage == move_stage::undoing ? move.to : move.from;
  if (goes)
    if (const auto* host = fresh(goes->node, now_ms))
      into.deleted = host->gone.contains({group, goes->id});
}

} // namespace grape::cluster
