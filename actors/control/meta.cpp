#include "actors/control/meta.hpp"

#include "actors/owed.hpp"
#include "actors/reporting.hpp"
#include "actors/shard_place.hpp"
#include "core/cluster/metadata_store.hpp"

#include <deque>

namespace grape::actors {

namespace {

constexpr group_id own_group{0};
constexpr std::size_t queue_max = 1'000;
constexpr std::chrono::milliseconds lease_retry{20};
constexpr std::chrono::seconds room_retry{1};

using meta_self = meta_actor::extend<
  // From itself: is the store free now, or is there room?
  caf::reacts_to<tick_now>>;

using changed_promise = owed<metadata_changed>;

struct opened_store {
  status failed;
  std::shared_ptr<storage::store> store;
  cluster::saved_metadata saved;
};

struct pending_change {
  std::shared_ptr<const cluster::metadata_command> command;
  changed_promise promise;
};

struct meta_state {
  meta_state() {}

  void come_to_life();
  void open_store();
  void opened(const opened_store& result);
  void replay(storage::log_range range);
  void ready();
  void next();
  void refuse_first(const status& why);
  void committed(cluster::metadata state);
  void publish() const;
  void save();

  meta_self::stateful_pointer<meta_state> self = nullptr;
  std::shared_ptr<house> home;
  log_writer_actor log;
  store_worker_actor worker;
  std::shared_ptr<storage::store> store; // Keeps its lease.
  cluster::saved_metadata now;           // What holds; `applied` is the end of the log.
  log_index saved;                       // What the store has.
  status full;                           // Not ok: the store found no room, and is opened anew.
  bool is_ready = false;
  bool proposing = false;
  bool saving = false;
  std::deque<pending_change> queue; // The first is being proposed.
};

void meta_state::come_to_life() {
  log = home->board.get<log_writer_actor>(role::log_writer);
  open_store();
}

void meta_state::open_store() {
  worker = home->board.get<store_worker_actor>(store_worker_of(*home, own_group));
  const auto path = home->path("meta");
  auto lease = home->leases.take(path);
  if (!lease) // The last job of a fallen META still has it.
    return self->delayed_send(self, lease_retry, tick_now{});
  auto result = std::make_shared<opened_store>();
  const auto open = [result, path, lease, home = home] {
    auto found
      = storage::open_leveldb(*home->files, path, {.lane = home->lane, .cache = home->cache});
    if (!found) {
      result->failed = std::move(found).error();
      return;
    }
    result->store = keeping(std::move(*found), lease);
    auto loaded = cluster::load(*result->store);
    if (loaded)
      result->saved = std::move(*loaded);
    else
      result->failed = std::move(loaded).error();
  };
  self->request(worker, open_timeout, store_job{open})
    .then([this, result](done) { opened(*result); },
          [self = self](caf::error& why) { self->quit(std::move(why)); });
}

void meta_state::opened(const opened_store& result) {
  // A node that cannot start for want of room says so; one that runs waits for it.
  if (result.failed.code == errc::no_space && home->known.get()) {
    full = result.failed;
    return self->delayed_send(self, room_retry, tick_now{});
  }
  if (!result.failed.ok())
    return self->quit(to_error(result.failed));
  full = {};
  store = result.store;
  saved = result.saved.applied;
  if (is_ready)
    return save();
  now = result.saved;
  self->request(log, disk_timeout, log_range_request{own_group})
    .then([this](storage::log_range range) { replay(range); },
          [self = self](caf::error& why) { self->quit(std::move(why)); });
}

void meta_state::replay(storage::log_range range) {
  if (range.last < now.applied) // The log lost what the store has: let it go on after it.
    self->send(log, log_release{own_group, now.applied});
  if (range.last <= now.applied)
    return ready();
  if (range.first > now.applied.next())
    return self->quit(to_error({errc::corrupted,
                                home->path("meta") + " ends at entry "
                                  + std::to_string(now.applied.value) + ", the log begins at entry "
                                  + std::to_string(range.first.value)}));
  self->request(log, disk_timeout, log_read_request{own_group, now.applied.next(), replay_bytes})
    .then(
      [this, range](log_records& found) {
        for (const auto& record : found.records) {
          const auto command = cluster::decode_metadata_command(record.payload);
          if (!command)
            return self->quit(to_error(command.error()));
          // What the state refuses now it refused when it was proposed.
          (void)now.state.apply(*command);
          now.applied = record.index;
        }
        replay(range);
      },
      [self = self](caf::error& why) { self->quit(std::move(why)); });
}

void meta_state::ready() {
  is_ready = true;
  publish();
  save();
  next();
}

/// One change at a time: each is checked against the state that the one before it left.
void meta_state::next() {
  while (is_ready && !proposing && !queue.empty()) {
    auto changed = now.state;
    const auto result = changed.apply(*queue.front().command);
    if (!result) {
      refuse_first(result.error());
      continue;
    }
    if (!*result) {
      const auto promise = std::move(queue.front().promise);
      queue.pop_front();
      promise.deliver(metadata_changed{false, now.applied});
      continue;
    }
    proposing = true;
    log = home->board.get<log_writer_actor>(role::log_writer); // Renewed since, perhaps.
    log_append asked;
    asked.records.push_back(
      {own_group, now.applied.next(), term{1}, cluster::encode(*queue.front().command)});
    self->request(log, disk_timeout, std::move(asked))
      .then([this, state = std::move(changed)](done) { committed(state); },
            [this](caf::error& why) {
              const auto told = to_write_status(why);
              if (told.code != errc::no_space && told.code != errc::too_large)
                return self->quit(std::move(why));
              proposing = false; // Surely not logged.
              refuse_first(told);
              next();
            });
  }
}

void meta_state::refuse_first(const status& why) {
  const auto promise = std::move(queue.front().promise);
  queue.pop_front();
  promise.refuse(why);
}

void meta_state::committed(cluster::metadata state) {
  proposing = false;
  now.state = std::move(state);
  now.applied = now.applied.next();
  publish();
  const auto promise = std::move(queue.front().promise);
  queue.pop_front();
  promise.deliver(metadata_changed{true, now.applied});
  save();
  next();
}

/// The cell first, then the news, then whoever asked: all three in this order.
void meta_state::publish() const {
  const epoch since{now.applied.value};
  home->known.set(std::make_shared<const catalog>(catalog{now.state, since}));
  home->board.for_each("router/", [since](const auto&, const auto& who) {
    caf::anon_send(caf::actor_cast<router_actor>(who), shard_map_changed{since});
  });
}

/// What holds is in the log as well, so a store without room is only late.
void meta_state::save() {
  if (saving || !store || saved == now.applied)
    return;
  saving = true;
  worker = home->board.get<store_worker_actor>(store_worker_of(*home, own_group));
  auto failed = std::make_shared<status>();
  const auto job = [failed, what = std::make_shared<const cluster::saved_metadata>(now),
                    to = store] { *failed = cluster::save(*to, *what); };
  self->request(worker, disk_timeout, store_job{job})
    .then(
      [this, failed, through = now.applied](done) {
        saving = false;
        if (failed->code == errc::no_space) {
          home->notes.add("collections cannot be changed before there is room: " + failed->detail);
          full = *failed;
          store = nullptr; // It takes no more before it is opened anew.
          return self->delayed_send(self, room_retry, tick_now{});
        }
        if (!failed->ok())
          return self->quit(to_error(*failed));
        saved = through;
        self->send(log, log_release{own_group, through});
        save();
      },
      [self = self](caf::error& why) { self->quit(std::move(why)); });
}

meta_self::behavior_type meta(meta_self::stateful_pointer<meta_state> self,
                              const std::shared_ptr<house>& home) {
  self->state.self = self;
  self->state.home = home;
  self->state.come_to_life();
  return {
    reports(self),
    [self](const change_metadata& asked) -> caf::result<metadata_changed> {
      auto& state = self->state;
      if (!state.full.ok())
        return to_error(state.full);
      if (state.queue.size() >= queue_max)
        return to_error({errc::overloaded, "too many changes of collections are waiting"});
      const changed_promise promise{self, fell_writing()};
      state.queue.push_back({asked.command, promise});
      state.next();
      return promise;
    },
    [self](tick_now) { self->state.open_store(); },
  };
}

} // namespace

meta_actor spawn_meta(caf::actor_system& system, std::shared_ptr<house> home) {
  return enrolled(*home, role::meta, caf::actor_cast<meta_actor>(system.spawn(meta, home)));
}

} // namespace grape::actors
