#pragma once

#include "actors/control/meta.hpp"
#include "actors/owed.hpp"
#include "actors/shard_place.hpp"
#include "core/cluster/joining.hpp"
#include "core/cluster/metadata_snapshot.hpp"
#include "core/cluster/metadata_store.hpp"
#include "core/shard/proposals.hpp"

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <set>

namespace grape::actors {

/// To itself: a while has passed.
struct meta_beat {};

using meta_self = meta_actor::extend<
    // From itself: is the store free now, or is there room?
    caf::reacts_to<tick_now>,
    // From itself, in a cluster: does a change still wait, is there newer state?
    caf::reacts_to<meta_beat>>;

using changed_promise = owed<metadata_changed>;

struct opened_store {
  status failed;
  std::shared_ptr<storage::store> store;
  cluster::saved_metadata saved;
  std::optional<cluster::staged_metadata> staged;
};

struct pending_change {
  std::shared_ptr<const cluster::metadata_command> command;
  changed_promise promise;
};

/// A change on its way through the metadata group.
struct group_change {
  std::string command; // Encoded.
  std::function<void(const outcome<metadata_changed>&)> answer;
  std::uint64_t deadline_ms = 0;
  std::uint64_t ask_again_ms = 0; // Not before; nobody could take it a moment ago.
};

/// What META has besides its state when this node is one of a cluster: see meta_group.cpp.
struct meta_part {
  raft_group_actor group; // Invalid: it is not a member, or RAFT_GROUP is being renewed.
  shard::proposals asked{shard::pipeline_limits{}};
  std::list<group_change> waiting;
  std::map<std::uint64_t, group_change> proposed;                // By ticket.
  std::list<std::pair<log_index, std::function<void()>>> behind; // Until this state is there.
  bool mirroring = false;   // A question about newer state is on its way.
  std::size_t mirror_questions = 0;
  bool is_ending = false;                 // RAFT_GROUP, whose replica left; another one follows.
  bool forgetting = false;                // The log of a replica that left.
  bool is_led = false;                    // The replica here knows a leader.
  std::uint64_t led_ms = 0;               // When it did last.
  std::shared_ptr<struct recovery_under_way> recovering; // Goes on at the next beat.
  std::set<replica_id> deleted;           // Of the group, here: they do not begin again.
  cluster::metadata_gathering coming;     // A snapshot for this member.
  bool installing = false;                // All of it came.
};

/// A snapshot on its way to a member that is behind.
struct outgoing_state {
  replica_id to;
  node_number node;
  std::string message; // Encoded.
  std::string state;
};

struct meta_state {
  meta_state() {}

  // The store (meta_store.cpp).
  void open_store();
  void opened(const opened_store& result);
  void settle_staged(const std::shared_ptr<opened_store>& found);
  void settled(cluster::settled_metadata what);
  void save();
  void wait_for_room(const status& why);

  // Alone (meta.cpp).
  void come_to_life();
  void replay(storage::log_range range);
  void ready();
  void next();
  void refuse_first(const status& why);
  void committed(cluster::metadata state);
  void publish() const;
  caf::result<metadata_changed> change(const change_metadata& asked);

  // In a cluster (meta_group.cpp).
  void begin_in_cluster();
  void group_begins();
  void stands(const standing_changed& news);
  void taken(const proposal_taken& what);
  void committed(const std::vector<raft::entry>& entries);
  void settle(const raft::entry& entry, const outcome<metadata_changed>& result);
  void tell_applied();
  caf::result<metadata_changed> change_in_cluster(const change_metadata& asked);
  caf::result<link_answer> asked(const link_asked& question);
  void confirm(const std::function<void(const outcome<log_index>&)>& then);
  void confirm_elsewhere(const std::function<void(const outcome<log_index>&)>& then);
  void answer_mirror(log_index have, const owed<link_answer>& promise) const;
  std::optional<node_number> a_member();
  std::optional<node_number> whom_to_ask();
  void try_changes();
  bool try_change(group_change& one);
  void ask_leader(node_number leader, group_change one);
  void when_here(log_index index, std::function<void()> then);
  void mirror();
  void mirrored(const link_answer& found);
  void beat();

  // Who may join (meta_join.cpp).
  caf::result<join_answer> join_asked(const join_question& asked);
  void answer_join(const join_request& asked, const owed<join_answer>& promise) const;

  // What an operator does without a majority (meta_recover.cpp).
  caf::result<parcel<recover_reply>> recover(const recover_request& asked);
  void recover_next(const std::shared_ptr<struct recovery_under_way>& what);
  void replace_lost(const std::shared_ptr<struct recovery_under_way>& what);

  // Who is a member (meta_members.cpp), and how one that is behind gets the state
  // (meta_snapshot.cpp).
  void join_or_leave();
  void join();
  void leave();
  void forget_log();
  void delete_replica(replica_id which);
  bool has_log() const;
  bool needs_mirror();
  bool is_member() const;
  void send_snapshot(const snapshot_wanted& asked);
  void send_piece(const std::shared_ptr<const outgoing_state>& what, std::uint64_t from);
  void sent(replica_id to, bool arrived);
  void take_piece(cluster::install_question piece, const owed<link_answer>& promise);
  void stage_and_install(raft::message message, cluster::staged_metadata what,
                         const owed<link_answer>& promise);

  meta_self::stateful_pointer<meta_state> self = nullptr;
  std::shared_ptr<house> home;
  log_writer_actor log;
  store_worker_actor worker;
  std::shared_ptr<storage::store> store; // Keeps its lease.
  cluster::saved_metadata now;           // What holds; `applied` is the end of the log.
  log_index saved;                       // What the store has,
  replica_id saved_log_of;               // both.
  status full;                           // Not ok: the store found no room, and is opened anew.
  bool is_ready = false;
  bool proposing = false;
  bool saving = false;
  std::deque<pending_change> queue; // The first is being proposed.
  std::optional<meta_part> member;  // Empty: alone, or not ready.
};

inline constexpr std::size_t changes_waiting_max = 1'000;

} // namespace grape::actors

GRAPE_STAYS_ON_NODE(grape::actors::meta_beat);
