#include "actors/upkeep_work.hpp"

#include "core/shard/content_digest.hpp"
#include "core/shard/view.hpp"

#include <algorithm>
#include <utility>

namespace grape::actors {

namespace {

std::shared_ptr<const shard::view> view_of(const house& home, group_id group) {
  const auto shown = home.windows.look(group);
  return shown ? shown->newest : nullptr;
}

} // namespace

bool upkeep_work::is_over(const upkeep_task& task) const {
  return home_->closing || home_->host.now_ms() >= task.deadline_ms;
}

/// `work(place, view, told)` for each replica that serves, until the time is over.
void upkeep_work::each_shard(upkeep_task& task, const shard_work& work) const {
  for (std::size_t i = 0; i < task.places.size(); ++i) {
    auto& told = task.told.shards[i];
    if (!told.result.ok())
      continue;
    if (is_over(task)) {
      told.result = {errc::timed_out, "its turn did not come in time"};
      continue;
    }
    const auto view = view_of(*home_, task.places[i]->group);
    if (!view) {
      told.result = {errc::unavailable, "the shard is being opened, or is out of service"};
      continue;
    }
    told.applied = std::max(told.applied, view->applied().value);
    told.points = view->figures().points;
    told.result = work(*task.places[i], *view, told);
  }
}

void upkeep_work::measure_shard(const shard_place& place, const shard::view& view,
                                shard_upkeep& told) const {
  const auto figures = view.figures();
  told.store_bytes = view.points().below().stats().bytes;
  told.segment_bytes = storage::bytes_below(files_, place.directory + "/segments");
  told.payload_bytes = figures.payload_bytes;
  told.vector_bytes = figures.vector_bytes;
  told.code_bytes = view.code_bytes();
  told.memory_bytes = figures.memory_bytes;
  told.mapped_bytes = figures.mapped_bytes;
}

void upkeep_work::measure(upkeep_task& task) const {
  auto& told = task.told;
  each_shard(task, [this](const shard_place& place, const shard::view& view, shard_upkeep& of) {
    measure_shard(place, view, of);
    return status{};
  });
  told.log_bytes = storage::bytes_below(files_, home_->path("log"));
  told.snapshot_bytes = storage::bytes_below(files_, home_->path("snapshots"));
  told.checkpoint_bytes = storage::bytes_below(files_, home_->path("checkpoints"));
  if (const auto space = files_.space(home_->config.node.data_dir)) {
    told.disk_total_bytes = space->total_bytes;
    told.disk_free_bytes = space->free_bytes;
  }
}

/// The segments were REPLICA's part. LevelDB cannot be stopped within one store.
void upkeep_work::compact(upkeep_task& task) const {
  each_shard(task, [this](const shard_place& place, const shard::view& view, shard_upkeep& told) {
    auto& store = view.points().below();
    const auto before = store.stats().bytes;
    auto done = store.compact();
    measure_shard(place, view, told);
    told.bytes = before - std::min(before, told.store_bytes);
    return done;
  });
}

void upkeep_work::warm(upkeep_task& task) const {
  each_shard(task, [](const shard_place&, const shard::view& view, shard_upkeep& told) {
    const auto read = view.warm();
    if (!read)
      return read.error();
    told.bytes = *read;
    return status{};
  });
}

void upkeep_work::digest(upkeep_task& task) const {
  each_shard(task, [this, &task](const shard_place&, const shard::view& view, shard_upkeep& told) {
    const auto sum = shard::digest_of(view.points(), [this, &task] { return is_over(task); });
    if (!sum)
      return sum.error();
    told.applied = view.applied().value;
    told.points = sum->points;
    told.digest = sum->text();
    return status{};
  });
}

void upkeep_work::run(upkeep_task& task) {
  const std::lock_guard guard{one_at_a_time_};
  if (task.asked.verb != storage_verb::read_checkpoint)
    open_.reset();
  switch (task.asked.verb) {
    case storage_verb::size: return measure(task);
    case storage_verb::flush:
    case storage_verb::sync:
    case storage_verb::usage: return;
    case storage_verb::compact: return compact(task);
    case storage_verb::warm: return warm(task);
    case storage_verb::digest: return digest(task);
    case storage_verb::checkpoint: return make_checkpoint(task);
    case storage_verb::list_checkpoints: return list_checkpoints(task);
    case storage_verb::delete_checkpoint: task.told.result = delete_checkpoint(task); return;
    case storage_verb::read_checkpoint: task.told.result = read_checkpoint(task); return;
  }
}

} // namespace grape::actors
