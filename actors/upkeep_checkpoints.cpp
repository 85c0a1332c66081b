// Checkpoints on this node's disk.

#include "actors/upkeep_work.hpp"

#include "core/archive/archive.hpp"
#include "core/shard/state_pieces.hpp"
#include "core/storage/point_store.hpp"

#include <chrono>
#include <utility>

namespace grape::actors {

/// A copy of a store that is open for reading.
struct upkeep_work::open_copy {
  std::string path;
  std::unique_ptr<storage::point_store> points;
};

upkeep_work::upkeep_work(std::shared_ptr<house> home)
  : home_(std::move(home))
  , files_(*home_->files) {}

std::string upkeep_work::folder_of(const std::string& checkpoint) const {
  return home_->path("checkpoints/" + checkpoint);
}

/// What an earlier attempt left there goes.
status upkeep_work::begin_checkpoint(const std::string& folder) const {
  if (archive::read_record(files_, folder))
    return {errc::already_exists, "there is a checkpoint of this name already"};
  if (auto gone = files_.remove_all(folder); !gone.ok())
    return gone;
  return files_.create_directories(folder);
}

void upkeep_work::make_checkpoint(upkeep_task& task) const {
  const auto folder = folder_of(task.asked.checkpoint);
  task.told.result = begin_checkpoint(folder);
  if (!task.told.result.ok())
    return;
  each_shard(task, [this, folder](const shard_place& place, const shard::view& view,
                                  shard_upkeep& told) {
    const auto copy = archive::checkpoint_store(folder, place.group);
    auto made = view.points().below().copy_to(copy);
    if (!made.ok())
      static_cast<void>(files_.remove_all(copy));
    told.bytes = storage::bytes_below(files_, copy);
    return made;
  });
  const auto record = record_of(task);
  task.told.result = record ? archive::write_record(files_, folder, *record) : record.error();
  if (task.told.result.ok())
    task.told.result = files_.sync_directory(home_->path("checkpoints"));
  if (!task.told.result.ok())
    static_cast<void>(files_.remove_all(folder));
}

/// Of the shards that were copied.
outcome<archive::checkpoint_record> upkeep_work::record_of(const upkeep_task& task) const {
  using namespace std::chrono;
  const auto known = home_->known.get();
  archive::checkpoint_record record;
  record.created_unix_s = static_cast<std::uint64_t>(
      duration_cast<seconds>(system_clock::now().time_since_epoch()).count());
  for (std::size_t i = 0; i < task.places.size(); ++i) {
    const auto& told = task.told.shards[i];
    if (!told.result.ok())
      continue;
    const auto* entry = known->state.find_exact(told.collection);
    if (entry == nullptr)
      return status{errc::not_found, "collection `" + told.collection + "` was deleted meanwhile"};
    if (record.collections.empty() || record.collections.back().name != told.collection)
      record.collections.push_back(
          {told.collection, entry->schema, static_cast<std::uint32_t>(entry->groups.size()),
           archive::keys_of(known->state, *entry)});
    record.shards.push_back({told.collection, shard_id{told.shard}, task.places[i]->group,
                             log_index{told.applied}, told.points});
  }
  return record;
}

void upkeep_work::list_checkpoints(upkeep_task& task) const {
  const auto root = home_->path("checkpoints");
  task.told.shards.clear(); // It tells of copies.
  if (!files_.exists(root))
    return;
  const auto names = files_.list(root);
  if (!names) {
    task.told.result = names.error();
    return;
  }
  for (const auto& name : *names) {
    const auto record = archive::read_record(files_, folder_of(name));
    if (!record && record.error().code == errc::not_found)
      continue; // It was never finished.
    if (!record) {
      task.told.result = record.error();
      continue;
    }
    checkpoint_description told{name, record->created_unix_s, 0, {}, {}};
    for (const auto& head : record->collections)
      told.collections.push_back(archive::encode(head));
    for (const auto& one : record->shards) {
      shard_upkeep part;
      part.collection = one.collection;
      part.shard = one.shard.value;
      part.applied = one.applied.value;
      part.points = one.points;
      part.bytes =
          storage::bytes_below(files_, archive::checkpoint_store(folder_of(name), one.group));
      told.bytes += part.bytes;
      told.shards.push_back(std::move(part));
    }
    task.told.checkpoints.push_back(std::move(told));
  }
}

/// Fine if there is none here: it may be of other nodes.
status upkeep_work::delete_checkpoint(upkeep_task& task) {
  const auto& name = task.asked.checkpoint;
  task.told.shards.clear();
  if (!files_.exists(folder_of(name)))
    return {};
  task.told.checkpoints.push_back({.name = name, .collections = {}, .shards = {}});
  if (auto gone = files_.remove_all(folder_of(name)); !gone.ok())
    return gone;
  return files_.sync_directory(home_->path("checkpoints"));
}

status upkeep_work::read_checkpoint(upkeep_task& task) {
  const auto from = reader_of(task.asked.checkpoint, task.asked.collection, task.asked.shard);
  if (!from)
    return from.error();
  task.told.shards.clear();
  auto piece = shard::next_piece(*from, task.asked.cursor);
  if (!piece)
    return std::move(piece).error();
  task.told.piece = std::move(piece->chunk);
  task.told.cursor = std::move(piece->cursor);
  task.told.complete = piece->complete;
  return {};
}

outcome<storage::point_reader> upkeep_work::reader_of(const std::string& checkpoint,
                                                      const std::string& collection,
                                                      std::uint32_t shard) {
  const auto record = archive::read_record(files_, folder_of(checkpoint));
  if (!record)
    return record.error();
  for (const auto& one : record->shards) {
    if (one.collection != collection || one.shard.value != shard)
      continue;
    const auto path = archive::checkpoint_store(folder_of(checkpoint), one.group);
    if (open_ && open_->path == path)
      return open_->points->read();
    open_.reset();
    auto store = storage::open_leveldb(files_, path, {.lane = home_->lane, .cache = home_->cache});
    if (!store)
      return std::move(store).error();
    auto points = storage::point_store::open(std::move(*store));
    if (!points)
      return std::move(points).error();
    open_ = std::make_shared<open_copy>(open_copy{path, std::move(*points)});
    return open_->points->read();
  }
  return status{errc::not_found, "checkpoint `" + checkpoint + "` has no shard " + collection + "/"
                                     + std::to_string(shard) + " here"};
}

} // namespace grape::actors
