#include "actors/control/meta_state.hpp"

namespace grape::actors {

namespace {

constexpr std::chrono::milliseconds lease_retry{20};
constexpr std::chrono::seconds room_retry{1};

} // namespace

void meta_state::open_store() {
  worker = home->board.get<store_worker_actor>(store_worker_of(*home, cluster::metadata_group));
  const auto path = home->path("meta");
  auto lease = home->leases.take(path);
  if (!lease) // The last job of a fallen META still has it.
    return self->delayed_send(self, lease_retry, tick_now{});
  auto result = std::make_shared<opened_store>();
  const auto open = [result, path, lease, home = home] {
    auto found =
        storage::open_leveldb(*home->files, path, {.lane = home->lane, .cache = home->cache});
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
    if (auto staged = cluster::load_staged(*result->store); staged)
      result->staged = std::move(*staged);
    else
      result->failed = std::move(staged).error();
  };
  self->request(worker, open_timeout, store_job{open})
      .then([this, result](done) { opened(*result); },
            [self = self](caf::error& why) { self->quit(std::move(why)); });
}

void meta_state::opened(const opened_store& result) {
  // A node that cannot start for want of room says so; one that runs waits for it.
  if (result.failed.code == errc::no_space && home->known.get())
    return wait_for_room(result.failed);
  if (!result.failed.ok())
    return self->quit(to_error(result.failed));
  full = {};
  store = result.store;
  saved = result.saved.applied;
  saved_log_of = result.saved.log_of;
  if (is_ready)
    return save();
  if (home->is_clustered())
    return settle_staged(std::make_shared<opened_store>(result));
  now = result.saved;
  self->request(log, disk_timeout, log_range_request{cluster::metadata_group})
      .then([this](storage::log_range range) { replay(range); },
            [self = self](caf::error& why) { self->quit(std::move(why)); });
}

/// A predecessor may have fallen, or the node, while a snapshot took the place of the state.
void meta_state::settle_staged(const std::shared_ptr<opened_store>& found) {
  self->request(log, disk_timeout, log_range_request{cluster::metadata_group})
      .then(
          [this, found](storage::log_range) {
            const auto said = home->log.get()->base(cluster::metadata_group);
            auto what = cluster::settle_staged(std::move(found->saved), std::move(found->staged),
                                               said ? *said : storage::log_base{});
            if (!what)
              return self->quit(to_error(what.error()));
            settled(std::move(*what));
          },
          [self = self](caf::error& why) { self->quit(std::move(why)); });
}

void meta_state::settled(cluster::settled_metadata what) {
  now = std::move(what.now);
  if (!what.is_other)
    return begin_in_cluster();
  auto failed = std::make_shared<status>();
  const auto job = [failed, what = std::make_shared<const cluster::saved_metadata>(now),
                    to = store] { *failed = cluster::save_settled(*to, *what); };
  self->request(worker, disk_timeout, store_job{job})
      .then(
          [this, failed](done) {
            if (failed->code == errc::no_space && home->known.get())
              return wait_for_room(*failed);
            if (!failed->ok())
              return self->quit(to_error(*failed));
            saved = now.applied;
            begin_in_cluster();
          },
          [self = self](caf::error& why) { self->quit(std::move(why)); });
}

/// A store that found no room takes no more before it is opened anew.
void meta_state::wait_for_room(const status& why) {
  full = why;
  store = nullptr;
  self->delayed_send(self, room_retry, tick_now{});
}

/// What holds is in the log as well, so a store without room is only late.
void meta_state::save() {
  if (saving || !store || (saved == now.applied && saved_log_of == now.log_of))
    return;
  saving = true;
  worker = home->board.get<store_worker_actor>(store_worker_of(*home, cluster::metadata_group));
  auto failed = std::make_shared<status>();
  const auto job = [failed, what = std::make_shared<const cluster::saved_metadata>(now),
                    to = store] { *failed = cluster::save(*to, *what); };
  self->request(worker, disk_timeout, store_job{job})
      .then(
          [this, failed, through = now.applied, log_of = now.log_of](done) {
            saving = false;
            if (failed->code == errc::no_space) {
              home->notes.add("collections cannot be changed before there is room: "
                              + failed->detail);
              return wait_for_room(*failed);
            }
            if (!failed->ok())
              return self->quit(to_error(*failed));
            saved = through;
            saved_log_of = log_of;
            if (member)
              tell_applied();
            else
              self->send(log, log_release{cluster::metadata_group, through});
            save();
          },
          [self = self](caf::error& why) { self->quit(std::move(why)); });
}

} // namespace grape::actors
