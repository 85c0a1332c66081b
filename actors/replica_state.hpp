#pragma once

#include "actors/interfaces.hpp"
#include "actors/owed.hpp"
#include "actors/patience.hpp"
#include "actors/shard_place.hpp"
#include "core/shard/acknowledgement.hpp"
#include "core/shard/inflow.hpp"
#include "core/shard/machine.hpp"
#include "core/shard/proposals.hpp"
#include "core/shard/tidying.hpp"
#include "core/shard/write_pipeline.hpp"
#include "core/shard/write_sessions.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>

namespace grape::actors {

/// To itself: a waiting write's own timeout has passed.
struct wait_expired {
  log_index index;
};

/// What one job on the STORE_WORKER found; written there, read by REPLICA when it is told.
struct machine_news {
  status failed; ///< Not ok: the store is unusable.
  std::vector<shard::applied_entry> results; ///< Of the entries applied, in order.
  std::shared_ptr<const shard::view> view;
  std::shared_ptr<const shard::index_job> job; ///< Given out now; null: none.
  log_index applied;
  log_index applied_durable;
  schema_version schema;
  shard::session_standing sessions;
  std::uint64_t bytes_unsynced = 0;
};

/// The same in a group, where a write has no index of its own at first.
struct proposal_expired {
  std::uint64_t ticket = 0;
};

/// To itself: an answer that was held back is due.
struct answer_due {
  std::uint64_t number = 0;
};

using replica_self = replica_actor::extend<
  // From itself.
  caf::reacts_to<answer_due>,
  // From itself.
  caf::reacts_to<wait_expired>,
  // From itself.
  caf::reacts_to<proposal_expired>>;

struct replica_state;
using replica_pointer = replica_self::stateful_pointer<replica_state>;
using receipt_promise = owed<shard_receipt>;

/// A write between its proposal and its visibility.
struct pending_write {
  log_index index;
  std::uint64_t ticket = 0; // Of this proposal: an index may be given again.
  std::string bytes;
  bool wait = false;
  bool expired = false;    // Its own timeout passed.
  std::uint64_t answered_from_ms = 0; // Not before.
  receipt_promise promise; // The first answer counts.
};

/// A write that this leader proposed to its group, until it is visible or surely never will be.
struct proposed_write {
  shard::ack_demand wanted;
  bool doubtful = false; // Only applying it tells whether it holds.
  std::uint64_t proposed_at_ms = 0;
  std::uint64_t answered_from_ms = 0; // Not before.
  log_index index; // 0: not appended yet.
  grape::term in;
  log_index took_effect; // Once applied: an earlier attempt may have been first.
  std::optional<shard::write_stamp> stamp;
  shard::entry_progress is;
  receipt_promise promise; // The first answer counts.
};

/// What a replica in a group has instead of a line of its own: see replica_group.cpp.
struct group_part {
  raft_group_actor group; // Invalid, or fallen: it will say that it begins.
  shard::proposals asked{shard::pipeline_limits{}};
  std::map<std::uint64_t, proposed_write> writes; // By ticket.
  std::vector<raft::entry> committed;             // To be applied next.
  std::map<log_index, std::uint64_t> own;         // Of these: the tickets of this leader's.
  raft::log_standing log;                         // As RAFT_GROUP said last.
  std::set<std::uint64_t> by_log; // Tickets of writes that wait for it; some may be gone.
  std::shared_ptr<const catalog> demands_by; // The catalog that `schema` is of.
  std::shared_ptr<const collection_schema> schema;
  std::shared_ptr<const catalog> lives_by;        // The catalog whose schema is in the log.
};

/// Carries a shard's writes: log first, then store, then whoever waits. One job at a time is on
/// the STORE_WORKER; everything that became durable meanwhile goes into the next.
struct replica_state {
  replica_state() {}
  ~replica_state();

  // Coming to life (replica_recovery.cpp).
  void come_to_life();
  void announce();
  void ask_for_machine();
  void took_over(std::shared_ptr<shard::machine> from);
  void replay(storage::log_range range);
  void ready(log_index last);
  void out_of_service(const status& why);
  void store_failed(const status& why);

  // Writing (replica_write.cpp).
  caf::result<shard_receipt> propose(const write_command& asked);
  caf::result<shard_receipt> propose(const schema_change& asked);
  void append(log_index index, std::string bytes, bool wait, std::uint32_t timeout_ms,
              receipt_promise promise, std::uint64_t answered_from_ms);
  void answer(const receipt_promise& whom, const shard_receipt& with, std::uint64_t from_ms);
  void answer_held(std::uint64_t number);
  void durable(log_index index);
  void withdraw(std::uint64_t ticket, const status& why);
  void tell(const pending_write& write, write_progress progress);
  void expired(log_index index);
  void catch_up_with_schema();

  // The machine (replica_machine.cpp).
  void work();
  void apply_entries(std::size_t count);
  void applied(const machine_news& news);
  void sync();
  void install_next();
  void look_for_work();
  caf::result<state_flushed> flush();
  caf::result<done> clean_up();
  void cleaned_up();
  status obstacle() const;
  bool anything_waits() const;
  shard::pace pace() const;
  void note(const machine_news& news);
  void publish();
  void offer_job();
  template <class Job, class Then>
  void on_machine(Job work_on, Then then);

  // In a group (replica_group.cpp).
  void host_in_group();
  void group_begins();
  caf::result<shard_receipt> propose_to_group(const write_command& asked);
  caf::result<shard_receipt> propose_to_group(const schema_change& asked);
  void catch_up_with_schema_in_group();
  void propose_schema_to_group(const collection_schema& wanted);
  void send_proposal(std::uint64_t ticket, std::string bytes, proposed_write write);
  void taken(const proposal_taken& what);
  bool is_doubtful(const proposed_write& write) const;
  void surely_lost(std::uint64_t ticket);
  void log_came(const log_progress& news);
  bool answer_if_due(proposed_write& write);
  void answer_all_due();
  shard::ack_demand demand_of(const write_command& asked);
  void committed(std::vector<raft::entry> entries);
  void apply_committed();
  void settle_applied(const std::vector<shard::applied_entry>& results);
  void stands(const standing_changed& news);
  void tell_applied();
  void proposal_expires(std::uint64_t ticket);
  void give_up_waiting();
  caf::error refusal(const status& why) const;

  // Without room on the disk (replica_room.cpp).
  void out_of_room(const status& why);
  void let_another_lead() const;
  void try_for_room();

  replica_pointer self = nullptr;
  std::shared_ptr<house> home;
  std::shared_ptr<const shard_place> place;
  storage_actor storage;
  log_writer_actor log;
  store_worker_actor worker;
  patience waits;
  wish_for_beats beat_wish;

  std::shared_ptr<shard::machine> machine;   // Touched on the STORE_WORKER only.
  std::optional<shard::write_pipeline> line; // Empty: not ready yet, or in a group.
  std::optional<group_part> member;          // Empty: not ready yet, or alone.
  bool is_ready() const { return line || member; }
  status failed;                             // Not ok: out of service for good.
  status full;                               // Not ok: the store found no room; see out_of_room.
  std::deque<pending_write> writes;          // applied + 1 .. last.
  std::uint64_t next_ticket = 0;
  log_index told_through;                    // Clients were told that all up to here holds.
  bool schema_owed = false;                  // The log refused a change of schema, perhaps.
  bool working = false;                      // A job is on the STORE_WORKER.

  shard::inflow inflow; // What writers may bring.
  std::map<std::uint64_t, std::pair<receipt_promise, shard_receipt>> held_answers; // By number.
  std::uint64_t last_held = 0;

  std::shared_ptr<const shard::view> view;
  shard_actor watcher;
  std::vector<owed<view_changed>> early_watchers;

  indexer_actor indexer;                     // Invalid: none has come yet.
  std::shared_ptr<const shard::index_job> job; // Given out by the machine, not yet installed.
  struct installation {
    std::shared_ptr<const shard::finished_job> product; // Null: abandon.
    owed<done> promise;
  };
  std::deque<installation> installations;

  log_index machine_applied; // As of the last job.
  schema_version machine_schema;
  shard::session_standing machine_sessions;
  log_index applied_durable;
  std::uint64_t bytes_unsynced = 0;
  std::uint64_t synced_at_ms = 0;
  std::uint64_t opened_at_ms = 0; // When the machine was asked for.
  bool sync_wanted = false;
  std::uint32_t beats = 0; // Of TICKER, since something was written.
  bool tidied = false;     // Since something was written, as far as that goes.
  std::vector<owed<state_flushed>> flushes; // To be answered by the next sync.
  shard::tidying vacuum;
  std::vector<owed<done>> vacuums; // To be answered once `vacuum` is not asked any more.
};

/// The schema that the control plane has for the collection to which the shard belongs now; null if
/// it is gone.
std::shared_ptr<const collection_schema> committed_schema(const house& home, group_id group);

/// Runs `work_on(machine, news)` on the STORE_WORKER, then `then(news)` here. A store that failed,
/// or a worker that fell, ends this replica; what is in the log is applied by the next.
template <class Job, class Then>
void replica_state::on_machine(Job work_on, Then then) {
  working = true;
  beat_wish.set(true);
  worker = home->board.get<store_worker_actor>(store_worker_of(*home, place->group));
  auto news = std::make_shared<machine_news>();
  const auto run = [news, held = machine, work_on = std::move(work_on)] {
    work_on(*held, *news);
    news->applied = held->applied();
    news->applied_durable = held->applied_durable();
    news->bytes_unsynced = held->bytes_unsynced();
    news->schema = held->schema().version;
    news->sessions
        = {news->applied, held->sessions().size(), held->sessions().ended_through()};
    if (news->view)
      news->view = keeping(std::move(news->view), held);
  };
  waits.ask<done>(
    self, worker, disk_timeout, store_job{run},
    [this, news, then = std::move(then)](done) {
      working = false;
      if (!news->failed.ok())
        return store_failed(news->failed);
      note(*news);
      then(*news);
      work();
    },
    [self = self](caf::error& why) { self->quit(std::move(why)); });
}

} // namespace grape::actors

GRAPE_STAYS_ON_NODE(grape::actors::answer_due);
GRAPE_STAYS_ON_NODE(grape::actors::wait_expired);
GRAPE_STAYS_ON_NODE(grape::actors::proposal_expired);
