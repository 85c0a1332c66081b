#include "actors/replica_state.hpp"
#include "core/storage/leveldb_store.hpp"

namespace grape::actors {

namespace {

constexpr std::size_t entries_per_job_max = 256;   // So that installs and syncs get their turn.
constexpr std::uint64_t room_for_sync_bytes = 64 << 10; // More than what a sync itself writes.
constexpr std::uint32_t quiet_after_beats = 2;     // Without writes: time to tidy the indexes.

struct entry_to_apply {
  log_index index;
  std::string bytes;
};

std::shared_ptr<const shard::index_job> plan(shard::machine& machine, shard::pace now) {
  auto job = machine.plan(now);
  return job ? std::make_shared<const shard::index_job>(std::move(*job)) : nullptr;
}

} // namespace

/// What comes next on the STORE_WORKER: what frees the log, what speeds reads up, what was written.
void replica_state::work() {
  if (working || !is_ready() || !full.ok())
    return;
  if (sync_wanted)
    return sync();
  if (!installations.empty())
    return install_next();
  if (member)
    return apply_committed();
  const auto waiting = line->durable_through().value - line->applied_through().value;
  if (waiting > 0)
    apply_entries(std::min<std::size_t>(waiting, entries_per_job_max));
}

void replica_state::apply_entries(std::size_t count) {
  auto batch = std::make_shared<std::vector<entry_to_apply>>();
  batch->reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    batch->push_back({writes[i].index, std::move(writes[i].bytes)});
  on_machine(
    [batch, may_plan = !job](shard::machine& own, machine_news& news) {
      for (const auto& entry : *batch) {
        auto result = own.apply(entry.index, entry.bytes);
        if (!result) {
          news.failed = std::move(result).error();
          return;
        }
        news.results.push_back(std::move(*result));
      }
      if (may_plan)
        news.job = plan(own, shard::pace::busy);
      news.view = own.snapshot();
    },
    [this](const machine_news& news) { applied(news); });
}

/// The view first, then whoever waits: a client that was answered sees its write.
void replica_state::applied(const machine_news& news) {
  line->applied(news.applied);
  publish();
  for (const auto& [result, took_effect] : news.results) {
    auto& write = writes.front();
    if (result.ok())
      tell(write, write_progress::completed);
    else
      write.promise.refuse(result);
    writes.pop_front();
  }
}

void replica_state::sync() {
  sync_wanted = false;
  on_machine([home = home, place = place](shard::machine& own, machine_news& news) {
    // A store that cannot write must be opened anew; what the log keeps meanwhile is no loss.
    if (storage::has_room(*home->files, place->directory, room_for_sync_bytes))
      news.failed = own.sync();
  },
             [this, told = std::exchange(flushes, {})](const machine_news& news) {
               synced_at_ms = home->host.now_ms();
               for (const auto& promise : told)
                 promise.deliver(state_flushed{news.applied, news.applied_durable});
               if (member)
                 tell_applied();
               else
                 self->send(log, log_release{place->group, news.applied_durable});
             });
}

void replica_state::install_next() {
  auto next = std::move(installations.front());
  installations.pop_front();
  job = nullptr;
  on_machine(
    [product = next.product, now = vacuum.pace_of(pace())](shard::machine& own,
                                                           machine_news& news) {
      if (product) {
        own.install(*product);
        news.job = plan(own, now);
      } else {
        own.abandon();
      }
      news.view = own.snapshot();
    },
    [this, promise = next.promise, planned = next.product != nullptr](const machine_news& news) {
      if (planned)
        vacuum.planned(news.job != nullptr);
      publish();
      promise.deliver(done{});
      cleaned_up();
    });
}

void replica_state::look_for_work() {
  if (!full.ok()) {
    let_another_lead();
    return try_for_room();
  }
  if (!is_ready())
    return;
  if (schema_owed)
    catch_up_with_schema();
  if (member)
    give_up_waiting();
  sync_wanted = !flushes.empty() || shard::sync_due(
    bytes_unsynced, applied_durable < machine_applied, home->host.now_ms() - synced_at_ms,
    {.bytes_max = std::uint64_t{home->config.storage.sync_interval_mb} << 20,
     .interval_ms = std::uint64_t{home->config.storage.sync_interval_s} * 1'000});
  ++beats;
  // Once, when it becomes quiet: an index that is in its best form stays so until it is written to.
  const auto is_quiet = !tidied && pace() == shard::pace::quiet;
  if (!working && !job && !sync_wanted && (is_quiet || vacuum.asked())) {
    tidied = tidied || is_quiet;
    return on_machine(
      [now = vacuum.pace_of(pace())](shard::machine& own, machine_news& news) {
        news.job = plan(own, now);
      },
      [this](const machine_news& news) {
        vacuum.planned(news.job != nullptr);
        if (job)
          publish();
        cleaned_up();
      });
  }
  work();
}

/// Why nothing can be done with the machine now; ok: something can.
status replica_state::obstacle() const {
  if (!failed.ok())
    return failed;
  if (!full.ok())
    return full;
  return is_ready() ? status{} : status{errc::unavailable, "the shard is being opened"};
}

/// Answered by the next sync that begins.
caf::result<state_flushed> replica_state::flush() {
  if (const auto why = obstacle(); !why.ok())
    return to_error(why);
  const auto promise = flushes.emplace_back(self, fell());
  sync_wanted = true;
  work();
  return promise;
}

caf::result<done> replica_state::clean_up() {
  if (const auto why = obstacle(); !why.ok())
    return to_error(why);
  vacuum.ask();
  const auto promise = vacuums.emplace_back(self, fell());
  beat_wish.set(true);
  look_for_work();
  return promise;
}

/// Whoever asked for it is told once nothing is left to do.
void replica_state::cleaned_up() {
  if (vacuum.asked())
    return;
  for (const auto& promise : std::exchange(vacuums, {}))
    promise.deliver(done{});
}

/// Whether it is of use to look again soon.
bool replica_state::anything_waits() const {
  return !full.ok() || !is_ready() || schema_owed || waits.open() > 0 || working || job || !tidied
         || vacuum.asked() || applied_durable < machine_applied
         || (member && !member->writes.empty());
}

shard::pace replica_state::pace() const {
  return beats >= quiet_after_beats ? shard::pace::quiet : shard::pace::busy;
}

void replica_state::note(const machine_news& news) {
  machine_applied = news.applied;
  machine_schema = news.schema;
  machine_sessions = news.sessions;
  applied_durable = news.applied_durable;
  bytes_unsynced = news.bytes_unsynced;
  if (news.view) {
    view = news.view;
    inflow.shown(home->host.now_ms(), shard::backlog_of(view->parts()));
  }
  if (news.job) {
    job = news.job;
    offer_job();
  }
}

void replica_state::publish() {
  const view_changed now{view, told_through, job != nullptr, full};
  for (const auto& promise : std::exchange(early_watchers, {}))
    promise.deliver(now);
  if (watcher)
    self->send(watcher, now);
}

void replica_state::offer_job() {
  if (job && indexer)
    self->send(indexer, index_wanted{job});
}

} // namespace grape::actors
