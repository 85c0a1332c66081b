#include "core/cluster/migration.hpp"

#include "core/check.hpp"

#include <utility>

namespace grape::cluster {

namespace {

change_members proposal(const move_observation& seen, std::vector<raft::change_step> steps) {
  return {{raft::change_mode::automatic, std::move(steps)}, seen.members_since};
}

/// A joint state is left by itself, and until then the group takes no other change.
migration_action propose(const move_observation& seen, std::vector<raft::change_step> steps) {
  if (seen.members.joint())
    return wait_for_news{};
  return proposal(seen, std::move(steps));
}

bool is_given_up(const move_observation& seen, const migration_options& options) {
  return seen.unreachable || seen.failures >= options.failures_max;
}

migration_action join(const shard_move& move, const move_observation& seen,
                      const migration_options& options) {
  if (is_given_up(seen, options))
    return record_stage{move_stage::undoing};
  if (!seen.has_leader)
    return wait_for_news{};
  if (!seen.members.is_member(move.to->id))
    return propose(seen, {{raft::change_kind::add_learner, move.to->id}});
  if (seen.follows)
    return record_stage{move_stage::indexing};
  return wait_for_news{};
}

migration_action index(const shard_move& move, const move_observation& seen,
                       const migration_options& options) {
  if (is_given_up(seen, options))
    return record_stage{move_stage::undoing};
  if (seen.indexed || move.to->role == replica_role::witness)
    return record_stage{move_stage::switching};
  return build_indexes{*move.to};
}

/// The members are what the move wants them to be.
bool has_switched(const shard_move& move, const raft::configuration& members) {
  if (members.joint() || (move.from && members.is_member(move.from->id)))
    return false;
  if (!move.to)
    return true;
  const auto& wanted = move.to->role == replica_role::witness ? members.witnesses : members.voters;
  return raft::contains(wanted, move.to->id);
}

migration_action switch_over(const shard_move& move, const move_observation& seen,
                             const migration_options& options) {
  if (!seen.has_leader)
    return wait_for_news{};
  if (has_switched(move, seen.members))
    return record_stage{move_stage::leaving};
  // A leader that removes itself is followed by an election; one that hands over first is not.
  if (move.from && seen.leader == move.from->id && seen.successor && !seen.members.joint()
      && seen.stage_ms < options.hand_over_ms)
    return hand_leadership_over{*seen.successor};
  std::vector<raft::change_step> steps;
  if (move.to)
    steps.push_back({move.to->role == replica_role::witness ? raft::change_kind::add_witness
                                                            : raft::change_kind::add_voter,
                     move.to->id});
  if (move.from)
    steps.push_back({raft::change_kind::remove, move.from->id});
  return propose(seen, std::move(steps));
}

/// `which` is no member any more: after the grace time its data go. Not while nobody leads: after a
/// restart the others may go by the old members, as far as they know for sure, and need its vote.
/// Who led through the grace time, or was elected since, does not.
migration_action clear_away(const std::optional<replica>& which, const move_observation& seen,
                            std::uint64_t grace_ms) {
  if (!which || seen.deleted || seen.unreachable)
    return record_end{};
  return seen.stage_ms < grace_ms || !seen.has_leader ? migration_action{wait_for_news{}}
                                  : migration_action{delete_replica{*which}};
}

migration_action undo(const shard_move& move, const move_observation& seen) {
  if (!seen.has_leader)
    return wait_for_news{}; // Who may still be a member keeps its data.
  if (seen.members.is_member(move.to->id))
    return propose(seen, {{raft::change_kind::remove, move.to->id}});
  return clear_away(move.to, seen, 0);
}

} // namespace

migration_action next_action(const shard_replicas& of, const move_observation& seen,
                             const migration_options& options) {
  GRAPE_CHECK(of.move.has_value());
  const auto& move = *of.move;
  switch (move.stage) {
    case move_stage::joining: return join(move, seen, options);
    case move_stage::indexing: return index(move, seen, options);
    case move_stage::switching: return switch_over(move, seen, options);
    case move_stage::leaving: return clear_away(move.from, seen, options.grace_ms);
    case move_stage::undoing: return undo(move, seen);
  }
  return wait_for_news{};
}

std::optional<change_members> mend_members(const shard_replicas& of, const move_observation& seen) {
  if (of.move || !seen.has_leader || seen.members.joint())
    return {};
  std::vector<raft::change_step> steps;
  for (const auto learner : seen.members.learners)
    if (of.find(learner) == nullptr)
      steps.push_back({raft::change_kind::remove, learner});
  return steps.empty() ? std::nullopt : std::optional{proposal(seen, std::move(steps))};
}

} // namespace grape::cluster
