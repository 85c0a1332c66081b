#include "actors/log_writer.hpp"

#include "actors/owed.hpp"
#include "actors/reporting.hpp"
#include "actors/supervision/supervisor.hpp"
#include "core/storage/log_file.hpp"

namespace grape::actors {

namespace {

struct log_writer_state {
  log_writer_state() {}

  void open();
  void flush();
  void fall(const status& why);

  log_writer_actor::stateful_pointer<log_writer_state> self = nullptr;
  std::shared_ptr<house> home;
  std::unique_ptr<storage::ordered_log> log;
  std::vector<storage::log_record> waiting; // Of all groups, in the order of asking.
  std::vector<owed<done>> askers;
};

void log_writer_state::open() {
  const auto& settings = home->config.storage;
  auto opened = storage::log_file::open(
    *home->files, home->path("log"),
    {.segment_bytes = std::uint64_t{settings.log_segment_mb} << 20, .fsync = settings.fsync});
  if (!opened)
    return fall(opened.error());
  log = std::move(*opened);
  for (const auto& note : log->recovery().notes)
    home->notes.add(note);
}

/// One append and one sync for everything that was asked since the last.
void log_writer_state::flush() {
  if (waiting.empty())
    return;
  const auto batch = std::exchange(waiting, {});
  auto told = std::exchange(askers, {});
  if (auto written = log->append(batch); !written.ok()) {
    for (auto& asker : told)
      asker.refuse(written);
    // Too large is the asker's fault and leaves the log as it was; all else leaves it closed.
    if (written.code != errc::too_large)
      fall(written);
    return;
  }
  home->counted.log_batches.add();
  home->counted.log_records.add(static_cast<double>(batch.size()));
  for (auto& asker : told)
    asker.deliver(done{});
}

void log_writer_state::fall(const status& why) {
  self->quit(to_error(why));
}

log_writer_actor::behavior_type
log_writer(log_writer_actor::stateful_pointer<log_writer_state> self,
           const std::shared_ptr<house>& home) {
  auto& state = self->state;
  state.self = self;
  state.home = home;
  state.open();
  if (!state.log) // A behavior would keep an actor alive that quit while it was being made.
    return log_writer_actor::behavior_type::make_empty_behavior();
  return {
    reports(self),
    [self](log_append& asked) -> caf::result<done> {
      auto& own = self->state;
      // Whatever else is in the mailbox now goes into the same batch: the flush queues behind it.
      if (own.waiting.empty())
        self->send(self, log_flush{});
      for (auto& record : asked.records)
        own.waiting.push_back(std::move(record));
      return own.askers.emplace_back(self, fell_writing());
    },
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
    [self](log_release asked) {
      auto& own = self->state;
      own.flush();
      if (auto released = own.log->release(asked.group, asked.through); !released.ok())
        own.fall(released);
    },
    [self](log_forget asked) {
      auto& own = self->state;
      own.flush();
      if (auto forgotten = own.log->forget(asked.group); !forgotten.ok())
        own.fall(forgotten);
    },
    [self](log_flush) { self->state.flush(); },
    [self](tick_now) {
      auto& own = self->state;
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
