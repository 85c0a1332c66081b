#include "actors/replica_state.hpp"
#include "core/supervision/family.hpp"

namespace grape::actors {

namespace {

/// Applies entries in order until one breaks the store.
void apply_all(shard::machine& machine, const std::vector<storage::log_record>& records,
               machine_news& news) {
  for (const auto& record : records) {
    auto entry = machine.apply(record.index, record.payload);
    if (!entry) {
      news.failed = std::move(entry).error();
      return;
    }
  }
}

} // namespace

void replica_state::come_to_life() {
  auto& board = home->board;
  beat_wish.attach(home->busy_replicas, place->group);
  beat_wish.set(true);
  board.put(role::replica(place->group), caf::actor_cast<caf::strong_actor_ptr>(self));
  storage = board.get<storage_actor>(role::storage(place->group));
  log = board.get<log_writer_actor>(role::log_writer);
  worker = board.get<store_worker_actor>(store_worker_of(*home, place->group));
  synced_at_ms = home->host.now_ms();
  // Written in before looking for SHARD, which does the same: one of the two sees the other.
  announce();
  ask_for_machine();
}

void replica_state::announce() {
  if (auto door = home->board.get<shard_actor>(role::shard(place->group)))
    self->send(door, leader_changed{place->group, term{1}, node_number{1}});
}

void replica_state::ask_for_machine() {
  working = true;
  opened_at_ms = home->host.now_ms();
  self->request(storage, open_timeout, machine_request{})
    .then(
      [this](parcel<shard::machine>& opened) {
        working = false;
        took_over(std::move(opened.value));
      },
      [this](caf::error& why) {
        working = false;
        const auto told = to_status(why);
        if (told.code == errc::no_space)
          return out_of_room(told);
        if (told.code != errc::unavailable)
          return out_of_service(told);
        self->quit(std::move(why)); // STORAGE fell, and is renewed with us.
      });
}

void replica_state::took_over(std::shared_ptr<shard::machine> from) {
  machine = std::move(from);
  if (!full.ok()) {
    full = {};
    announce(); // SHARD was told that there is nothing to be seen.
  }
  self->request(log, disk_timeout, log_range_request{place->group})
    .then(
      [this](storage::log_range range) {
        // An earlier replica may have left jobs behind on the worker; this one queues after them.
        on_machine([](shard::machine& own, machine_news&) { own.abandon(); },
                   [this, range](const machine_news&) {
                     if (place->member)
                       host_in_group();
                     else
                       replay(range);
                   });
      },
      [self = self](caf::error& why) { self->quit(std::move(why)); });
}

void replica_state::replay(storage::log_range range) {
  const auto have = machine_applied;
  if (range.last == have)
    return ready(have);
  if (range.last < have) {
    // Without fsync the store may have kept more than the log did. Let the log go on after it.
    return on_machine(
      [](shard::machine& own, machine_news& news) { news.failed = own.sync(); },
      [this, have](const machine_news&) {
        self->send(log, log_release{place->group, have});
        ready(have);
      });
  }
  if (range.first > have.next())
    return out_of_service({errc::corrupted, "the log begins at entry "
                                              + std::to_string(range.first.value)
                                              + ", the store ends at entry "
                                              + std::to_string(have.value)});
  self->request(log, disk_timeout, log_read_request{place->group, have.next(), replay_bytes})
    .then(
      [this, range](log_records& found) {
        auto records = std::make_shared<const std::vector<storage::log_record>>(
          std::move(found.records));
        on_machine([records](shard::machine& own, machine_news& news) {
          apply_all(own, *records, news);
        },
                   [this, range](const machine_news&) { replay(range); });
      },
      [this](caf::error& why) {
        const auto told = to_status(why);
        if (told.code == errc::corrupted || told.code == errc::not_found)
          return out_of_service(told);
        self->quit(std::move(why));
      });
}

void replica_state::ready(log_index last) {
  on_machine(
    [](shard::machine& own, machine_news& news) { news.view = own.snapshot(); },
    [this, last](const machine_news& news) {
      line.emplace(last, last, news.schema, shard::pipeline_limits{});
      told_through = last;
      publish();
      catch_up_with_schema(); // One may have been committed while this shard was away.
    });
}

/// A disk that failed may do better next time; damaged bytes will not.
void replica_state::store_failed(const status& why) {
  if (why.code == errc::no_space)
    return out_of_room(why);
  if (!supervision::heals_by_renewal(why.code))
    return out_of_service(why);
  self->send(storage, machine_failed{why});
  self->quit(to_error(why));
}

/// Answers everything with the reason from now on, so that the other shards can go on.
void replica_state::out_of_service(const status& why) {
  failed = why;
  line.reset();
  member.reset();
  view = nullptr;
  writes.clear(); // Nobody knows which of them are in the log: whoever waits is told so.
  announce(); // SHARD asks again, and hears why.
  home->notes.add("shard " + place->name + " is out of service: " + why.detail);
  for (const auto& promise : std::exchange(early_watchers, {}))
    promise.refuse(why);
}

} // namespace grape::actors
