#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace grape::simulation {

/// Rare things that a good storm must bring about. A nightly run in which one of them never
/// happened does not test what it says.
enum class rare : std::uint8_t {
  vote_lost_in_crash,       ///< A crash between a vote's hand-out and its write.
  write_lost_in_crash,      ///< Entries handed to the disk, gone after a crash.
  write_kept_in_crash,      ///< Entries on the disk of which the peer was never told.
  torn_tail_cut,            ///< A restart dropped a half-written record.
  state_fell_back,          ///< A restart found an older state machine and applied again.
  conflict_truncated,       ///< A follower replaced entries of another leader.
  conflict_over_terms,      ///< ... of more than one term.
  durable_conflict,         ///< ... that were on the disk already.
  late_prefix_append,       ///< An append that says only what the log holds already.
  reject_with_hint,         ///< A refused append that named where to go on.
  reject_hint_compacted,    ///< ... a place that the leader had compacted away.
  old_term_entry_committed, ///< Figure 8's case: entries of older terms commit with a newer one.
  deposed_while_writing,    ///< A leader stepped down with appends on their way to its disk.
  vote_ignored_in_lease,    ///< No answer, since a leader was heard.
  transfer_done,            ///< A leader handed over.
  transfer_aborted,         ///< ... or wanted to and went on.
  snapshot_sent,
  snapshot_installed,
  snapshot_ignored,       ///< It told nothing new.
  snapshot_during_joint,  ///< Sent while the leader's configuration was joint.
  snapshot_into_joint,    ///< Its mark's configuration is joint.
  snapshot_kept_log,      ///< The log held its index and went on behind it.
  snapshot_lost_in_crash, ///< The receiver crashed with it staged.
  snapshot_stale_term,    ///< It arrived in a later term than it was sent in.
  joint_entered,
  joint_left_by_new_leader, ///< The leader that left a joint state had not entered it.
  leader_removed,           ///< A leader applied its own removal.
  removed_node_campaigned,
  learner_voted, ///< A learner that did not know of its promotion granted a vote.
  learner_promoted,
  witness_led,
  two_leaders_at_once, ///< Of different terms, of course.
  change_refused,      ///< Stored as an empty entry, since another was pending.
  read_forwarded,
  read_failed, ///< Not ready, or deposed meanwhile.
  read_waited_for_apply,
  read_by_lease,
  proposal_forwarded,
  proposal_overloaded,
  retry_answered_twice, ///< A session's repeated request was applied once and answered.
  session_expired,
  disk_failed,
  slept, ///< A group hibernated.
  woken_by_suspicion,
  leader_lost,       ///< A follower was told that its connection to a leader that is down ended,
  leader_lost_alive, ///< ... or to one that lives.
  single_voter_led,
  message_encoded,
  append_shortened,
  count_ ///< How many there are.
};

constexpr std::size_t rare_count = static_cast<std::size_t>(rare::count_);

/// As it stands in the enumeration.
std::string_view to_string(rare what) noexcept;

/// How often each happened.
struct sometimes {
  std::array<std::uint64_t, rare_count> counts{};

  void hit(rare what) noexcept { ++counts[static_cast<std::size_t>(what)]; }

  void add(const sometimes& other) noexcept {
    for (std::size_t i = 0; i < rare_count; ++i)
      counts[i] += other.counts[i];
  }
};

} // namespace grape::simulation
