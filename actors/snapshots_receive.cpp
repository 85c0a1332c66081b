// Streams to here: questions of one group are answered one after the other; the staged store is
// touched on the STORE_WORKER only.

#include "actors/snapshots_state.hpp"
#include "core/raft/codec.hpp"
#include "core/storage/snapshot_install.hpp"

namespace grape::actors {

namespace {

constexpr std::size_t questions_max = 8;        // Of one group.
constexpr std::size_t checked_bytes = 4u << 20; // At a time.
constexpr std::uint64_t idle_ms_max = 600'000;  // Then what has come is given up.

using shard::snapshot_receiver;
using shard::snapshot_standing;

shard::receiver_options options_of(const house& home, const shard_place& place) {
  return {.files = home.files,
          .directory = place.directory,
          .store = {.lane = home.lane,
                    .cache = home.cache,
                    .write_buffer_bytes = std::size_t{home.config.storage.write_buffer_mb} << 20}};
}

} // namespace

/// A stream whose end has come, until it is known to be whole.
struct checking {
  shard::snapshot_end told;
  raft::message message;
  std::shared_ptr<shard::machine> machine; // Keeps the store of `own` open.
  std::optional<storage::point_reader> own;
  snapshot_receiver::verdict verdict = snapshot_receiver::verdict::unknown;
  std::string folder;
};

caf::result<link_answer> snapshots_state::asked(const link_asked& came) {
  auto what = shard::decode_snapshot_question(came.bytes);
  if (!what)
    return to_error(what.error());
  const auto hosted = home->hosted.all();
  const auto place = hosted.find(came.group);
  if (place == hosted.end() || !place->second->member)
    return to_error({errc::unavailable, "no replica of that group is here"});
  auto& stream = coming[came.group];
  if (stream.place != place->second) {
    if (stream.busy)
      return to_error({errc::unavailable, "the replica is being renewed"});
    stream.place = place->second;
    stream.receiver = std::make_shared<std::optional<snapshot_receiver>>();
  }
  if (stream.questions.size() >= questions_max)
    return to_error({errc::overloaded, "too many pieces of snapshots are waiting"});
  stream.heard_ms = home->host.now_ms();
  const owed<link_answer> promise{self, fell()};
  stream.questions.push_back({std::move(*what), promise});
  answer_next(came.group);
  return promise;
}

void snapshots_state::answer_next(group_id group) {
  auto& stream = coming.at(group);
  if (stream.busy || stream.questions.empty())
    return;
  stream.busy = true;
  auto& what = stream.questions.front().what;
  if (std::holds_alternative<shard::snapshot_offer>(what))
    return answer_offer(group);
  if (std::holds_alternative<shard::snapshot_chunk>(what))
    return answer_chunk(group);
  const auto under = std::make_shared<checking>();
  under->told = std::get<shard::snapshot_end>(std::move(what));
  auto message = raft::decode_message(under->told.message);
  if (!message || !message->snapshot || message->snapshot->index != under->told.index)
    return answered(group, status{errc::corrupted, "the end of a snapshot has no mark"});
  under->message = std::move(*message);
  with_machine(group, [this, group, under](std::shared_ptr<shard::machine> machine) {
    under->machine = std::move(machine);
    check(group, under);
  });
}

void snapshots_state::answered(group_id group, const outcome<snapshot_standing>& what) {
  auto& stream = coming.at(group);
  const auto promise = stream.questions.front().promise;
  stream.questions.pop_front();
  stream.busy = false;
  if (what)
    promise.deliver(link_answer{shard::encode(*what)});
  else
    promise.refuse(what.error());
  answer_next(group);
}

void snapshots_state::with_machine(group_id group,
                                   std::function<void(std::shared_ptr<shard::machine>)> then) {
  const auto storage = home->board.get<storage_actor>(role::storage(group));
  if (!storage)
    return answered(group, status{errc::unavailable, "the replica is being renewed"});
  waits.ask<parcel<shard::machine>>(
      self, storage, disk_timeout, machine_request{},
      [then = std::move(then)](parcel<shard::machine>& opened) { then(opened.value); },
      [this, group](caf::error& why) { answered(group, to_status(why)); });
}

/// Opens the receiver if it is not open. What it cannot go on from is dropped.
void snapshots_state::on_receiver(
    group_id group, std::function<outcome<snapshot_standing>(snapshot_receiver&)> work,
    std::function<void(const snapshot_standing&)> then) {
  auto& stream = coming.at(group);
  const auto result = std::make_shared<outcome<snapshot_standing>>(fell());
  on_worker(
      group,
      [result, work = std::move(work), receiver = stream.receiver, home = home,
       place = stream.place] {
        if (!*receiver) {
          auto opened = snapshot_receiver::open(options_of(*home, *place));
          if (!opened) {
            *result = std::move(opened).error();
            return;
          }
          receiver->emplace(std::move(*opened));
        }
        *result = work(**receiver);
        if (*result)
          return;
        if (result->error().code == errc::corrupted)
          if (auto dropped = (*receiver)->drop(); !dropped.ok())
            home->notes.add("shard " + place->name + ": " + dropped.detail);
        receiver->reset(); // What is on the disk says how to go on.
      },
      [this, group, result, then = std::move(then)] {
        if (*result)
          return then(**result);
        answered(group, result->error());
      },
      [this, group](const status& why) { answered(group, why); });
}

/// A state that a power cut could still take back is nothing to build on.
void snapshots_state::answer_offer(group_id group) {
  with_machine(group, [this, group](const std::shared_ptr<shard::machine>& machine) {
    on_receiver(
        group,
        [machine, distrusts = coming.at(group).distrusts_own](snapshot_receiver& receiver) {
          return receiver.standing(distrusts ? log_index{} : machine->applied_durable());
        },
        [this, group](const snapshot_standing& standing) {
          coming.at(group).own = standing.own;
          answered(group, standing);
        });
  });
}

void snapshots_state::answer_chunk(group_id group) {
  auto& stream = coming.at(group);
  auto chunk = std::make_shared<const shard::snapshot_chunk>(
      std::get<shard::snapshot_chunk>(std::move(stream.questions.front().what)));
  on_receiver(
      group,
      [chunk, own = stream.own](snapshot_receiver& receiver) -> outcome<snapshot_standing> {
        if (auto taken = receiver.take(*chunk); !taken.ok())
          return taken;
        return receiver.standing(own);
      },
      [this, group](const snapshot_standing& standing) { answered(group, standing); });
}

void snapshots_state::check(group_id group, const std::shared_ptr<checking>& under) {
  auto& stream = coming.at(group);
  stream.distrusts_own |= under->told.at.base != log_index{}; // Unless it turns out to fit.
  on_receiver(
      group,
      [under, own = stream.own](snapshot_receiver& receiver) -> outcome<snapshot_standing> {
        if (!under->own)
          under->own = under->machine->read();
        auto verdict = receiver.check(under->told, under->own, checked_bytes);
        if (!verdict)
          return std::move(verdict).error();
        under->verdict = *verdict;
        return receiver.standing(own);
      },
      [this, group, under](const snapshot_standing& standing) {
        switch (under->verdict) {
          case snapshot_receiver::verdict::unknown: return check(group, under);
          case snapshot_receiver::verdict::elsewhere:
            coming.at(group).distrusts_own = false;
            return answered(group, standing);
          case snapshot_receiver::verdict::right:
            coming.at(group).distrusts_own = false;
            return stage(group, under);
        }
      });
}

void snapshots_state::stage(group_id group, const std::shared_ptr<checking>& under) {
  const auto log = home->log.get();
  const auto base = log ? log->base(group) : nullptr;
  if (base && base->mark.index >= under->told.index)
    return answered(group, snapshot_standing{under->told.index, {}, true}); // It has that already.
  on_receiver(
      group,
      [under](snapshot_receiver& receiver) -> outcome<snapshot_standing> {
        auto folder = receiver.stage(under->told, *under->message.snapshot);
        if (!folder)
          return std::move(folder).error();
        under->folder = std::move(*folder);
        under->own.reset();
        under->machine.reset(); // The family must be able to open its store anew.
        return snapshot_standing{};
      },
      [this, group, under](const snapshot_standing&) {
        install(group, std::move(under->message), under->folder);
      });
}

void snapshots_state::install(group_id group, raft::message message, const std::string& folder) {
  const auto peer = home->board.get<raft_group_actor>(role::raft_group(group));
  if (!peer)
    return answered(group, fell());
  const auto index = message.snapshot->index;
  waits.ask<done>(
      self, peer, disk_timeout, snapshot_staged{std::move(message), folder},
      [this, group, index](done) {
        answered(group, snapshot_standing{index, {}, true});
      },
      [this, group, index, folder](caf::error& why) {
        const auto told = to_write_status(why);
        if (told.code != errc::stale_route)
          return answered(group, told); // The log may name the folder: a start settles it.
        on_worker(
            group,
            [home = home, folder, directory = coming.at(group).place->directory] {
              if (auto gone = storage::drop_staged(*home->files, directory, folder); !gone.ok())
                home->notes.add(gone.detail);
            },
            [this, group, index] {
              answered(group, snapshot_standing{index, {}, true});
            },
            [this, group](const status& failed) { answered(group, failed); });
      });
}

/// Nobody goes on with it: gives the room back.
void snapshots_state::look_for_idle() {
  const auto now = home->host.now_ms();
  for (auto at = coming.begin(); at != coming.end();) {
    auto& [group, stream] = *at;
    if (stream.busy || now - stream.heard_ms < idle_ms_max) {
      ++at;
      continue;
    }
    caf::anon_send(home->board.get<store_worker_actor>(store_worker_of(*home, group)),
                   store_job{[receiver = stream.receiver] {
                     if (*receiver)
                       (void)(*receiver)->drop(); // A later one tries again.
                     receiver->reset();
                   }});
    at = coming.erase(at);
  }
}

} // namespace grape::actors
