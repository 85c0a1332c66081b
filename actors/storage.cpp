#include "actors/storage.hpp"

#include "actors/owed.hpp"
#include "actors/reporting.hpp"
#include "core/shard/machine.hpp"
#include "core/shard/snapshot_settle.hpp"
#include "core/supervision/family.hpp"

namespace grape::actors {

namespace {

constexpr std::chrono::milliseconds lease_retry{20};

using machine_promise = owed<parcel<shard::machine>>;
using opened = outcome<std::shared_ptr<shard::machine>>;

/// A received snapshot that the log names takes its place.
status settle(const house& home, const shard_place& place, const storage::leveldb_options& how) {
  if (!place.member)
    return {};
  const auto log = home.log.get();
  if (!log)
    return {errc::unavailable, "the log is not open yet"};
  const auto said = log->base(place.group);
  return shard::settle_snapshot(*home.files, place.directory, said ? *said : storage::log_base{},
                                how);
}

opened open_machine(const house& home, const shard_place& place) {
  if (auto made = home.files->create_directories(place.directory); !made.ok())
    return made;
  const storage::leveldb_options how{
    .lane = home.lane,
    .cache = home.cache,
    .write_buffer_bytes = storage::write_buffer_for(
      std::size_t{home.config.storage.write_buffer_mb} << 20, home.hosted.all().size())};
  if (auto settled = settle(home, place, how); !settled.ok())
    return settled;
  auto points = storage::open_leveldb(*home.files, place.directory + "/points", how);
  if (!points)
    return std::move(points).error();
  auto machine = shard::machine::open({.files = home.files,
                                       .points = std::move(*points),
                                       .segments_directory = place.directory + "/segments",
                                       .schema = place.schema,
                                       .seed = place.group.value});
  if (!machine)
    return std::move(machine).error();
  return opened{std::shared_ptr<shard::machine>{std::move(*machine)}};
}

struct storage_state {
  storage_state() {}

  // Closing a store waits for its compaction: not on a thread that others share.
  ~storage_state() {
    if (machine)
      caf::anon_send(worker, store_job{[last = std::move(machine)] {}});
  }

  void open();
  void arrived(const opened& result);
  void answer(const machine_promise& promise) const;

  storage_actor::stateful_pointer<storage_state> self = nullptr;
  std::shared_ptr<house> home;
  std::shared_ptr<const shard_place> place;
  store_worker_actor worker;
  std::shared_ptr<path_lease> lease; // Until the machine takes it over.
  std::shared_ptr<shard::machine> machine;
  status failed; // Not ok: only a person can repair it.
  status full;   // Not ok: there was no room to open it; whoever asks makes it try again.
  std::vector<machine_promise> waiting;
};

void storage_state::open() {
  lease = home->leases.take(place->directory);
  if (!lease)
    return self->delayed_send(self, lease_retry, tick_now{});
  worker = home->board.get<store_worker_actor>(store_worker_of(*home, place->group));
  auto result = std::make_shared<opened>(status{errc::unavailable, "not opened"});
  self
    ->request(worker, open_timeout, store_job{[result, home = home, place = place, held = lease] {
                *result = open_machine(*home, *place);
              }})
    .then([this, result](done) { arrived(*result); },
          [self = self](caf::error& why) { self->quit(std::move(why)); });
}

void storage_state::arrived(const opened& result) {
  if (result) {
    machine = keeping(*result, std::move(lease));
    for (const auto& note : machine->notes())
      home->notes.add("shard " + place->name + ": " + note);
  } else if (!supervision::heals_by_renewal(result.error().code)) {
    // One damaged shard must not take the others down: it answers what is wrong instead.
    failed = result.error();
    lease = nullptr;
    home->notes.add("shard " + place->name + " is out of service: " + failed.detail);
  } else if (result.error().code == errc::no_space) {
    full = result.error();
    lease = nullptr;
  } else {
    return self->quit(to_error(result.error()));
  }
  for (const auto& promise : std::exchange(waiting, {}))
    answer(promise);
}

void storage_state::answer(const machine_promise& promise) const {
  if (machine)
    promise.deliver(parcel<shard::machine>{machine});
  else
    promise.refuse(failed.ok() ? full : failed);
}

storage_actor::behavior_type storage_of(storage_actor::stateful_pointer<storage_state> self,
                                        const std::shared_ptr<house>& home,
                                        const std::shared_ptr<const shard_place>& place) {
  self->state.self = self;
  self->state.home = home;
  self->state.place = place;
  self->state.open();
  return {
    reports(self),
    [self](machine_request) -> caf::result<parcel<shard::machine>> {
      auto& state = self->state;
      const machine_promise promise{self, fell()};
      if (state.machine || !state.failed.ok())
        state.answer(promise);
      else
        state.waiting.push_back(promise);
      if (!std::exchange(state.full, {}).ok())
        state.open();
      return promise;
    },
    [self](const machine_failed& told) { self->quit(to_error(told.why)); },
    [self](tick_now) { self->state.open(); },
  };
}

} // namespace

storage_actor spawn_storage(caf::actor_system& system, std::shared_ptr<house> home,
                            std::shared_ptr<const shard_place> place) {
  return enrolled(*home, role::storage(place->group), system.spawn(storage_of, home, place));
}

} // namespace grape::actors
