#pragma once

#include "actors/group_place.hpp"
#include "actors/interfaces.hpp"
#include "actors/owed.hpp"
#include "actors/patience.hpp"
#include "core/metrics/registry.hpp"
#include "core/raft/first_campaign.hpp"
#include "core/raft/freshness.hpp"
#include "core/raft/group_times.hpp"
#include "core/raft/member_history.hpp"
#include "core/raft/peer.hpp"
#include "core/storage/group_log.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace grape::actors {

/// To itself: everything that was in the mailbox has gone into the peer; perform what it wants.
struct perform_now {};

using raft_group_self = raft_group_actor::extend<
    // From itself.
    caf::reacts_to<perform_now>>;

/// What all groups of a node count together.
struct raft_series {
  explicit raft_series(metrics::registry& in);

  metrics::bucket_counter commit_s;     ///< From a proposal to its commit, by samples.
  metrics::bucket_counter leaderless_s; ///< Until a leader was known again.
  metrics::counter appends;             ///< Messages with entries that left,
  metrics::counter entries;             ///< and the entries in them.
};

struct raft_group_state;
using raft_group_pointer = raft_group_self::stateful_pointer<raft_group_state>;

/// Hosts a peer: what arrives goes in, what comes out is performed in the one order. Decides
/// nothing.
struct raft_group_state {
  raft_group_state() {}
  ~raft_group_state();

  // Beginning (raft_group_begin.cpp).
  caf::result<group_hosted> host(const host_group& asked);
  void read_log(log_index host_applied);
  void found(log_index host_applied);
  void begin(log_index host_applied, bool fresh);
  bool replay_members(log_index through);
  void out_of_service(const status& why);
  caf::result<log_index> go_on_alone();
  bool changes_members_after(log_index index) const;

  // What arrives (raft_group.cpp).
  void tick();
  void deliver(const link_delivery& came);
  void propose(const propose_entry& asked);
  caf::result<log_index> confirm();
  caf::result<done> change_members(const change_group_members& asked);
  caf::result<done> hand_over(const hand_over_group& asked);
  caf::result<group_status> report();
  bool step_aside();
  void look_after(node_number node);
  void applied(const applied_news& news);

  // Snapshots (raft_group_snapshot.cpp).
  void want_snapshot(const raft::message& one);
  void sent_snapshot(const snapshot_sent& told);
  void look_for_streams();
  caf::result<snapshot_message> draft_snapshot(const snapshot_message_request& asked);
  caf::result<done> install(const snapshot_staged& asked);
  void note_staged(storage::group_write& next);
  void refuse_staged();
  void reopen_family();
  bool waits_for_staged(log_index host_applied);

  // What comes out (raft_group_output.cpp).
  void perform_soon();
  void perform();
  void send(const raft::message& one);
  void write();
  void written(std::size_t count);
  void feed();
  void tell_standing();
  void tell_log_progress();
  void show_freshness();
  void answer_reads();
  void compact();
  std::optional<node_number> node_of(replica_id which);
  bool leads() const { return peer && peer->standing().role == raft::role::leader; }
  status not_leading() const;

  raft_group_pointer self = nullptr;
  std::shared_ptr<house> home;
  group_id group;
  std::shared_ptr<const group_place> place; // The host's; null: none has come yet.

  group_host_actor host_of;                        // Invalid: none has come yet.
  std::vector<owed<group_hosted>> hosting; // The host waits while the log is read.
  std::shared_ptr<const storage::ordered_log> all; // Keeps what `log` reads.
  std::optional<storage::group_log> log;
  std::optional<raft::member_history> history; // Of what the host has applied.
  std::optional<raft::peer> peer;              // Empty: not begun.
  raft::output out;                            // Its buffers are used again.
  status failed;                               // Not ok: a person must look at it.

  bool performing = false;                   // A `perform_now` is in the mailbox.
  std::deque<storage::group_write> to_write; // Handed out by the peer, not yet done, in order.
  std::size_t being_written = 0;             // The first of them are with the LOG_WRITER.
  patience waits;                            // For the LOG_WRITER.
  status full;                               // Not ok: the log has no room; tried again.
  std::deque<raft::entry> fed;               // With the host, who applies them.
  std::size_t fed_bytes = 0;
  log_index applied_durable;
  bool compacting = false;
  raft::first_campaign first_try;
  std::uint32_t ticks = 0;

  snapshots_actor streamer;         // Who streams to these,
  std::set<replica_id> streamed_to; // of whom the peer waits to hear.
  struct staged_state {
    log_index index;
    std::string folder;
    bool is_written = false; // It is with the LOG_WRITER, or will be.
    owed<done> promise;
  };
  std::optional<staged_state> staged; // Which the peer is to switch to.

  struct open_read {
    owed<log_index> promise;
    std::uint32_t asked_at = 0; // In ticks.
  };
  std::map<std::uint64_t, open_read> reads; // By context.
  std::uint64_t next_context = 0;
  std::map<replica_id, std::uint32_t> heard; // When, in ticks.
  raft::group_times times;
  raft::freshness age; // Of what the host has applied.
  raft::fresh_mark shown_age;  // What readers see of it.
  std::optional<raft_series> counted;
  raft::log_standing told_log;               // What the host knows.
  std::map<replica_id, node_number> nodes; // As told by the control plane, or by their messages.
};

/// A host that has not applied so much yet gets no more; of a leader it gets more, for whatever it
/// gets it acknowledges: writers need not wait for a store that waits for its disk.
inline constexpr std::size_t feed_bytes_max = 4u << 20;
inline constexpr std::size_t feed_bytes_max_leading = 32u << 20;

} // namespace grape::actors

GRAPE_STAYS_ON_NODE(grape::actors::perform_now);
