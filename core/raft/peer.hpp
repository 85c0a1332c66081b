#pragma once

#include "core/raft/chance.hpp"
#include "core/raft/log.hpp"
#include "core/raft/options.hpp"
#include "core/raft/output.hpp"
#include "core/raft/peer_status.hpp"
#include "core/raft/roles.hpp"
#include "core/raft/stable_log.hpp"
#include "core/status.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <variant>
#include <vector>

namespace grape::raft {

/// What became of a proposal.
struct appended {
  log_index index;
  grape::term term;
};
struct forwarded {}; ///< Sent on to the known leader: what becomes of it is unknown.
struct dropped {
  errc why = errc::unavailable; ///< unavailable or overloaded; surely not applied.
};
using proposal = std::variant<appended, forwarded, dropped>;

/// What the host knows of a replica when it starts.
struct boot {
  hard_state state;
  log_index applied;     ///< The state machine's own durable marker.
  configuration members; ///< As of `applied`.

  /// Only of a replica that never ran before. Any other may have promised its vote to a lease, and
  /// gives none for an election timeout.
  bool fresh = false;
};

/// One replica of one Raft group: a deterministic state machine without input, output, clock or
/// thread. Its inputs are the functions that change it; whatever it wants done comes out of
/// take_output and persisted. A value: copyable, and equal inputs make equal outputs.
/// Not thread-safe. After Ongaro 2014 with PreVote, CheckQuorum, ReadIndex and joint consensus.
class peer {
public:
  /// `log` must outlive the peer and hold what boot's hard state stands for.
  peer(const options& how, const boot& from, const stable_log& log);

  // Inputs.
  void tick();

  /// Of the leases: any unit that `lease_ticks` is in. With leases, to be called before every
  /// other input, with a clock that was read after that input arrived.
  void advance_clock(std::uint64_t now);

  void campaign(); ///< As if the election timeout had fired.
  void step(message from_another);
  proposal propose(payload data);
  proposal propose(const configuration_change& change);

  /// Comes back in output::reads or output::failed_reads; false: it failed at once. A replica
  /// never uses a context twice, also not after a restart.
  bool read(std::uint64_t context);

  void transfer_to(replica_id target);
  void report_unreachable(replica_id which);

  /// Owed for every message of kind snapshot, also if it was lost; an answer of the follower may
  /// come first.
  void report_snapshot(replica_id to, bool arrived);

  /// Out of hibernation; the time asleep counts as elapsed. A leader that is awake forgets who
  /// agreed to sleep.
  void wake();

  /// The connection to the node of `which` has ended: its process is gone, or the way to it. Wakes.
  /// If it led, what was heard of it counts no more, and voters ask for pre-votes in turns, the
  /// first at once, a few times at most. Without PreVote it only wakes.
  void report_lost(replica_id which);

  void fix_timeout(std::uint32_t ticks); ///< As options::fixed_timeout, from now on.

  // The host's progress.
  std::vector<message> persisted(write_token token); ///< Returns what waited for that write.
  /// Committed and durable; behind `after`, if that is not yet applied.
  std::vector<entry> next_to_apply(std::size_t bytes_max, log_index after = {}) const;
  void applied(log_index through); ///< Of what next_to_apply gave; effects are durable.
  void compacted(log_index through);
  void fail(); ///< A write failed: the replica stops for good, and nothing leaves any more.

  // Output.
  bool has_output() const;
  output take_output();
  void take_output(output& into); ///< The same, and takes the buffers of `into` for the next one.

  peer_status status() const;
  leadership standing() const; ///< This and the next are cheap.
  log_index commit() const noexcept { return log_.commit(); }
  log_index certain_commit() const; ///< Of a leader: all that is committed; 0: it does not know.
  log_index applied() const noexcept { return applied_; }
  const configuration& members() const noexcept { return members_; } ///< The applied one.
  bool asleep() const noexcept { return asleep_; } ///< Needs no ticks.

  /// Of the whole log, durable or not; for drivers and invariants.
  std::vector<entry> log_entries(log_index first, log_index through) const;

  /// Of the whole state but the options, the durable entries and the chance to come: equal states
  /// have equal ones. For explorations of all schedules.
  std::uint64_t fingerprint() const;

private:
  /// A message, and for an ack the term of the entry that it stands for.
  struct held_message {
    message what;
    grape::term entry_term;
  };

  struct queued_write {
    write_token token;
    hard_state state;
    std::optional<snapshot_mark> snapshot;
    std::vector<held_message> held;
  };

  enum class election : std::uint8_t { prevote, early, vote, transfer };

  // peer.cpp: terms and roles.
  bool admit(const message& in);
  bool admit_older(const message& in);
  void meet_newer_term(const message& in);
  bool is_bound_to_leader() const noexcept;
  void owe_lease() noexcept;
  void become_follower(grape::term term, replica_id leader);
  void leave_role();
  void restart_timer();

  // peer_votes.cpp
  void answer_vote(const message& in);
  void learn_commit(const message& refusal);
  bool may_campaign() const;
  void start_election(election kind);
  void ask_for_votes(message_kind kind, grape::term term, bool force);

  // One file per role.
  void tick_role(follower& me);
  void tick_role(pre_candidate& me);
  void tick_role(candidate& me);
  void tick_role(leader& me);
  void on(follower& me, message& in);
  void on(pre_candidate& me, message& in);
  void on(candidate& me, message& in);
  void on(leader& me, message& in);

  // peer_follower.cpp
  void tick_election();
  void follow(message& in);
  void handle_append(message& in);
  void handle_heartbeat(const message& in);
  void handle_snapshot(const message& in);
  bool restores(const snapshot_mark& mark);
  bool forward(message& in);
  void finish_forwarded_read(follower& me, const message& in);
  void fail_forwarded_reads();

  // peer_pre_candidate.cpp, peer_candidate.cpp
  void settle_prevotes(pre_candidate& me);
  void settle_votes(candidate& me);

  // peer_lost.cpp: after the connection to the leader ended.
  std::uint32_t turn_after(replica_id lost) const;
  std::uint32_t turn_ticks() const noexcept;
  void tick_early();
  void campaign_early();
  void overtake(const message& refused);

  // peer_leader.cpp
  void become_leader();
  bool quorum_is_active(const leader& me) const;
  void send_heartbeats(leader& me);
  void handle_append_response(leader& me, const message& in);
  void handle_heartbeat_response(leader& me, const message& in);
  bool takes_proposals(const leader& me) const;
  proposal propose_entry(entry_kind kind, payload data);
  log_index append_own(leader& me, entry_kind kind, payload data);

  // peer_replication.cpp
  bool send_append(progress& to, bool even_empty);
  log_index last_of_append(log_index first) const;
  bool extend_open_append(progress& to);
  bool send_snapshot(progress& to);
  void broadcast_append(leader& me, bool even_empty);
  bool advance_commit(leader& me);
  bool committed_own(const leader& me) const;
  void count_own_log();

  // peer_membership.cpp
  bool refuses_change(const leader& me, const configuration_change& change) const;
  void adopt(configuration next);
  void adopt_as_leader(leader& me);
  void leave_joint_by_itself(leader& me);
  bool is_witness() const noexcept;

  // peer_transfer.cpp
  void begin_transfer(leader& me, replica_id target);
  void end_transfer(leader& me);
  void hand_over_if_caught_up(leader& me, const progress& to);
  void hand_over_before_leaving(leader& me);
  void send_timeout_now(leader& me, replica_id to);

  // peer_reads.cpp
  bool accept_read(leader& me, leader_read asked);
  void start_read(leader& me, leader_read asked);
  void start_early_reads(leader& me);
  void start_round(leader& me);
  void count_round(leader& me);
  void confirm_rounds(leader& me);
  void answer_read(const leader_read& read, std::uint64_t valid_until);
  void refuse_read(replica_id from, std::uint64_t context);
  void void_lease(leader& me);
  std::optional<std::uint64_t> lease_end(const leader& me) const;

  // peer_sleep.cpp
  bool may_hibernate(const leader& me) const;
  bool fall_asleep_with(const message& heartbeat);
  void note_sleeper(leader& me, progress& from, const message& in);
  void stir(leader& me);
  void wake_for(const message& in);

  // peer_output.cpp
  message draft(message_kind kind, replica_id to) const;
  void send(message what);
  void hold(message what, grape::term entry_term);
  bool send_as_leader(message what);
  bool still_true(const held_message& held) const;
  bool must_write() const;
  void complete(queued_write& done, std::vector<message>& released);

  options how_;
  chance chance_;
  log log_;
  configuration members_; ///< The applied one.
  log_index applied_;

  grape::term term_;
  replica_id vote_;
  replica_id leader_;
  std::variant<follower, pre_candidate, candidate, leader> role_;
  std::uint32_t elapsed_ = 0; ///< Ticks since a leader was heard or the role began.
  std::uint32_t timeout_ = 0;
  early_campaign early_;
  std::uint32_t lease_owed_ = 0; ///< Ticks in which some leader may rely on a lease from us.
  std::uint64_t now_ = 0;
  bool asleep_ = false;
  bool failed_ = false;

  hard_state handed_out_;             ///< The newest that a write was asked for.
  hard_state durable_;                ///< The newest that is written.
  log_index settled_;                 ///< Its commit, or the one of the start.
  write_token last_token_;
  std::deque<queued_write> writes_;   ///< Handed out and not done, oldest first.
  std::vector<held_message> held_;    ///< Since the last take_output; attached there.
  output out_;
  leadership told_;
};

} // namespace grape::raft
