// A store that found no room on the disk.

#include "actors/replica_state.hpp"
#include "core/storage/leveldb_store.hpp"

namespace grape::actors {

namespace {

/// Opening costs the reads a moment, so it is not tried all the time.
constexpr std::uint64_t reopen_pause_ms = 5'000;

} // namespace

/// Who cannot apply what it leads keeps everybody waiting.
void replica_state::let_another_lead() const {
  if (member && member->group)
    caf::anon_send(member->group, hand_over_group{});
}

/// The store takes no more before it is opened anew; what it has can be read. So reads go on, new
/// writes are refused, and what is in the log waits there.
void replica_state::out_of_room(const status& why) {
  if (full.ok())
    home->notes.add("shard " + place->name
                    + (machine ? " takes no writes before there is room: "
                               : " cannot be opened before there is room: ")
                    + why.detail);
  full = why;
  beat_wish.set(true);
  for (const auto& write : writes)
    write.promise.refuse(status{errc::commit_unknown,
                                "the disk is full; the write takes effect when there is room, "
                                "if it is in the log: "
                                  + why.detail});
  // Whole segments are found again when the store is opened.
  for (const auto& one : std::exchange(installations, {}))
    one.promise.deliver(done{});
  for (const auto& promise : std::exchange(flushes, {}))
    promise.refuse(why);
  for (const auto& promise : std::exchange(vacuums, {}))
    promise.refuse(why);
  if (member) {
    for (const auto& [ticket, write] : std::exchange(member->writes, {}))
      write.promise.refuse(fell_writing());
    let_another_lead();
  }
  if (is_ready())
    return publish();
  for (const auto& promise : std::exchange(early_watchers, {}))
    promise.refuse(why);
}

/// Begins anew once there seems to be room: the next replica applies what is in the log.
void replica_state::try_for_room() {
  if (working || home->host.now_ms() - opened_at_ms < reopen_pause_ms)
    return;
  if (!machine)
    return ask_for_machine();
  working = true;
  auto enough = std::make_shared<bool>(false);
  waits.ask<done>(
    self, home->board.get<store_worker_actor>(store_worker_of(*home, place->group)), disk_timeout,
    store_job{[enough, home = home, directory = place->directory + "/points"] {
      *enough = storage::has_room_to_open(*home->files, directory);
    }},
    [this, enough](done) {
      working = false;
      if (!*enough)
        return;
      self->send(storage, machine_failed{full});
      self->quit(to_error(full));
    },
    [self = self](caf::error& why) { self->quit(std::move(why)); });
}

} // namespace grape::actors
