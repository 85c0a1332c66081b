#include "actors/log_writer.hpp"

#include "actors/owed.hpp"
#include "actors/pool/urgency.hpp"
#include "actors/reporting.hpp"
#include "actors/supervision/supervisor.hpp"
#include "core/storage/log_batch.hpp"
#include "core/storage/log_file.hpp"

#include <map>
#include <optional>
#include <set>

namespace grape::actors {

namespace {

constexpr std::size_t write_batch_bytes = 8u << 20; // Written at once, though more may come.
constexpr std::uint64_t ahead_bytes = 1u << 20;     // Costs a write in hundreds one longer sync.

struct log_writer_state {
  log_writer_state() {}

  void open();
  caf::result<done> append(log_append& asked);
  caf::result<done> write(log_write& asked);
  caf::result<done> compact(const log_compact& asked);
  void release(const log_release& asked);
  void forget(group_id group);
  void flush_soon();
  void flush();
  void flush_writes();
  void write_each(const std::vector<std::vector<storage::group_write>>& asked,
                  const std::vector<owed<done>>& told);
  void settle();
  void fall(const status& why);

  log_writer_actor::stateful_pointer<log_writer_state> self = nullptr;
  std::shared_ptr<house> home;
  std::shared_ptr<storage::ordered_log> log; // Also in the house, for questions.
  std::optional<storage::log_batch> batch;   // Of all groups, in the order of asking.
  std::vector<owed<done>> askers;
  std::vector<std::vector<storage::group_write>> writes; // Of peers, in the order of asking,
  std::vector<owed<done>> writers;                       // and who wants to hear of each.
  std::size_t write_bytes = 0;
  std::map<group_id, log_index> marks; // Releases that are not in the log yet.
  std::set<group_id> gone;             // Groups that are still to be forgotten.
  bool flushing = false;               // A flush is in the mailbox.
  bool fallen = false;
};

void log_writer_state::open() {
  const auto& settings = home->config.storage;
  const storage::log_options options{.segment_bytes = std::uint64_t{settings.log_segment_mb} << 20,
                                     .fsync = settings.fsync,
                                     .ahead_bytes = ahead_bytes};
  auto opened = storage::log_file::open(*home->files, home->path("log"), options);
  if (!opened)
    return self->quit(to_error(opened.error()));
  log = std::move(*opened);
  home->log.set(log);
  batch.emplace(*log, options.record_bytes_max);
  for (const auto& note : log->recovery().notes)
    home->notes.add(note);
}

caf::result<done> log_writer_state::append(log_append& asked) {
  for (const auto& record : asked.records)
    if (marks.contains(record.group)) { // It may go on behind the mark.
      settle();
      break;
    }
  if (auto taken = batch->add(std::move(asked.records)); !taken.ok())
    return to_error(taken);
  const auto promise = askers.emplace_back(self, fell_writing());
  if (batch->full())
    flush();
  else
    flush_soon();
  return promise;
}

caf::result<done> log_writer_state::write(log_write& asked) {
  for (const auto& one : asked.what)
    for (const auto& entry : one.what.entries)
      write_bytes += entry.bytes();
  writes.push_back(std::move(asked.what));
  const auto promise = writers.emplace_back(self, fell_writing());
  if (write_bytes >= write_batch_bytes)
    flush();
  else
    flush_soon();
  return promise;
}

caf::result<done> log_writer_state::compact(const log_compact& asked) {
  flush();
  const auto compacted = log->compact(asked.group, asked.to);
  if (compacted.ok())
    return done{};
  if (compacted.code != errc::no_space)
    fall(compacted);
  return to_error(compacted);
}

void log_writer_state::release(const log_release& asked) {
  if (batch->concerns(asked.group))
    flush();
  auto& mark = marks[asked.group];
  mark = std::max(mark, asked.through);
  flush_soon();
}

void log_writer_state::forget(group_id group) {
  flush();
  marks.erase(group);
  gone.insert(group);
  settle();
}

/// Whatever else is in the mailbox now goes into the same batch: the flush queues behind it.
void log_writer_state::flush_soon() {
  if (!std::exchange(flushing, true))
    self->send(self, log_flush{});
}

/// One append and one sync for everything that was asked since the last.
void log_writer_state::flush() {
  settle();
  flush_writes();
  if (batch->empty())
    return;
  const auto records = batch->take();
  auto told = std::exchange(askers, {});
  if (auto written = log->append(records); !written.ok()) {
    for (auto& asker : told)
      asker.refuse(written);
    if (written.code != errc::no_space) // All else leaves the log closed.
      fall(written);
    return;
  }
  home->counted.log_batches.add();
  home->counted.log_records.add(static_cast<double>(records.size()));
  for (auto& asker : told)
    asker.deliver(done{});
}

void log_writer_state::flush_writes() {
  if (writes.empty())
    return;
  const auto asked = std::exchange(writes, {});
  const auto told = std::exchange(writers, {});
  write_bytes = 0;
  std::vector<storage::group_write> all;
  for (const auto& one : asked)
    all.insert(all.end(), one.begin(), one.end());
  const auto written = log->write(all);
  if (written.code == errc::no_space || written.code == errc::too_large)
    return write_each(asked, told);
  if (!written.ok()) {
    for (const auto& writer : told)
      writer.refuse(written);
    return fall(written);
  }
  home->counted.log_batches.add();
  for (const auto& one : all)
    home->counted.log_records.add(static_cast<double>(one.what.entries.size()));
  for (const auto& writer : told)
    writer.deliver(done{});
}

/// Without room for all, some may still fit: votes use the reserve.
void log_writer_state::write_each(const std::vector<std::vector<storage::group_write>>& asked,
                                  const std::vector<owed<done>>& told) {
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto written = log->write(asked[i]);
    if (written.ok()) {
      told[i].deliver(done{});
      continue;
    }
    told[i].refuse(written);
    if (written.code != errc::no_space && written.code != errc::too_large)
      return fall(written);
  }
}

/// One sync for everything that was let go. Without room it is tried again at the next beat.
void log_writer_state::settle() {
  if (!marks.empty()) {
    std::vector<storage::release_mark> all;
    for (const auto& [group, through] : marks)
      all.push_back({group, through});
    if (auto released = log->release(all); released.ok())
      marks.clear();
    else if (released.code != errc::no_space)
      return fall(released);
  }
  while (!gone.empty()) {
    const auto forgotten = log->forget(*gone.begin());
    if (forgotten.code == errc::no_space)
      return;
    if (!forgotten.ok())
      return fall(forgotten);
    gone.erase(gone.begin());
  }
}

/// What the disk holds is unknown now: the node ends, so that nobody goes on from it.
void log_writer_state::fall(const status& why) {
  if (!std::exchange(fallen, true))
    self->quit(to_error({why.code, "log_failed: " + why.detail}));
}

log_writer_actor::behavior_type
log_writer(log_writer_actor::stateful_pointer<log_writer_state> self,
           const std::shared_ptr<house>& home) {
  auto& state = self->state;
  state.self = self;
  state.home = home;
  if (home->host.detached) // Writers wait for each of its syncs.
    set_urgency(urgency::prompt);
  state.open();
  if (!state.log) // A behavior would keep an actor alive that quit while it was being made.
    return log_writer_actor::behavior_type::make_empty_behavior();
  return {
      reports(self),
      [self](log_append& asked) { return self->state.append(asked); },
      [self](log_range_request asked) {
        self->state.flush();
        return self->state.log->range(asked.group);
      },
      [self](log_read_request asked) -> caf::result<log_records> {
        self->state.flush();
        auto found = self->state.log->read(asked.group, asked.from, asked.bytes_max);
        if (!found)
          return to_error(found.error());
        return log_records{std::move(*found)};
      },
      [self](log_groups_request) { return log_groups{self->state.log->groups()}; },
      [self](const log_release& asked) { self->state.release(asked); },
      [self](log_forget asked) { self->state.forget(asked.group); },
      [self](log_write& asked) { return self->state.write(asked); },
      [self](const log_compact& asked) { return self->state.compact(asked); },
      [self](log_sync) -> caf::result<done> {
        auto& own = self->state;
        own.flush();
        const auto synced = own.log->sync();
        if (synced.ok())
          return done{};
        own.fall(synced);
        return to_error(synced);
      },
      [self](log_flush) {
        self->state.flushing = false;
        self->state.flush();
      },
      [self](tick_now) {
        auto& own = self->state;
        own.settle();
        if (own.home->config.storage.fsync != storage::fsync_policy::interval)
          return;
        if (auto synced = own.log->sync(); !synced.ok())
          own.fall(synced);
      },
  };
}

} // namespace

log_writer_actor spawn_log_writer(caf::actor_system& system, std::shared_ptr<house> home) {
  return enrolled(*home, role::log_writer,
                  spawn_detached(system, home->host.detached, log_writer, home));
}

} // namespace grape::actors
