#include "tests/simulation/sometimes.hpp"

namespace grape::simulation {

std::string_view to_string(rare what) noexcept {
  static constexpr std::array<std::string_view, rare_count> names = {
      "vote_lost_in_crash",
      "write_lost_in_crash",
      "write_kept_in_crash",
      "torn_tail_cut",
      "state_fell_back",
      "conflict_truncated",
      "conflict_over_terms",
      "durable_conflict",
      "late_prefix_append",
      "reject_with_hint",
      "reject_hint_compacted",
      "old_term_entry_committed",
      "deposed_while_writing",
      "vote_ignored_in_lease",
      "transfer_done",
      "transfer_aborted",
      "snapshot_sent",
      "snapshot_installed",
      "snapshot_ignored",
      "snapshot_during_joint",
      "snapshot_into_joint",
      "snapshot_kept_log",
      "snapshot_lost_in_crash",
      "snapshot_stale_term",
      "joint_entered",
      "joint_left_by_new_leader",
      "leader_removed",
      "removed_node_campaigned",
      "learner_voted",
      "learner_promoted",
      "witness_led",
      "two_leaders_at_once",
      "change_refused",
      "read_forwarded",
      "read_failed",
      "read_waited_for_apply",
      "read_by_lease",
      "proposal_forwarded",
      "proposal_overloaded",
      "retry_answered_twice",
      "session_expired",
      "disk_failed",
      "slept",
      "woken_by_suspicion",
      "single_voter_led",
      "message_encoded",
      "append_shortened",
  };
  return names[static_cast<std::size_t>(what)];
}

} // namespace grape::simulation
