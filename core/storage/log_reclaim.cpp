// How the ordered log gives space back: from the oldest segment on.

#include "core/storage/log_file_state.hpp"

#include <list>
#include <utility>

namespace grape::storage {

using namespace log_format;

namespace {

/// Stragglers are rewritten once they are at most this part of the oldest segment.
constexpr std::uint64_t straggler_part = 8;

/// Rewriting gathers about this much at a time.
constexpr std::size_t moved_batch_bytes = 4u << 20;

} // namespace

std::map<std::uint64_t, std::uint64_t> log_file::state::live_bytes() const {
  std::map<std::uint64_t, std::uint64_t> live;
  for (const auto& [number, group] : groups_)
    for (const auto& place : group.places)
      live[place.segment] += place.bytes;
  return live;
}

status log_file::state::reclaim() {
  released_ = true;
  auto live = live_bytes();
  std::uint64_t all = 0;
  for (const auto& [segment, bytes] : live)
    all += bytes;
  bool rewritten = false;
  while (segments_.oldest() < segments_.newest()) {
    const auto oldest = segments_.oldest();
    if (live[oldest] > segments_.size(oldest) / straggler_part) {
      // Rewriting what lags frees at least as much in the end. One segment at a time: writers wait.
      const auto mostly_dead = segments_.bytes() > 2 * (all + options_.segment_bytes);
      if (!mostly_dead || std::exchange(rewritten, true))
        break;
    }
    const auto moves = live[oldest] > 0;
    if (auto dropped = drop_oldest(); !dropped.ok())
      return dropped.code == errc::no_space ? status{} : dropped; // The next release tries again.
    if (moves)
      live = live_bytes();
  }
  return {};
}

status log_file::state::find_room(std::uint64_t bytes) {
  auto room = room_for(bytes);
  if (room.ok() || !released_)
    return room;
  const auto newest = segments_.newest();
  const auto size = segments_.size(newest);
  if (size > bytes + segment_header_bytes && live_bytes()[newest] <= size / straggler_part) {
    if (auto durable = sync_written(); !durable.ok())
      return durable;
    if (auto rolled = segments_.roll(); !rolled.ok())
      return failed(std::move(rolled));
  }
  if (auto reclaimed = reclaim(); !reclaimed.ok())
    return reclaimed;
  released_ = false;
  return room_for(bytes);
}

status log_file::state::drop_oldest() {
  const auto oldest = segments_.oldest();
  // The copies, and what made the rest superfluous, are durable before the originals go.
  if (auto moved = move_markers(oldest); !moved.ok())
    return moved;
  if (auto moved = move_stragglers(oldest); !moved.ok())
    return moved;
  if (auto durable = sync_written(); !durable.ok())
    return durable;
  if (auto dropped = segments_.drop_oldest(); !dropped.ok())
    return failed(std::move(dropped));
  return {};
}

status log_file::state::move_markers(std::uint64_t from) {
  batch_plan plan;
  std::list<std::string> payloads;
  for (const auto& [number, group] : groups_) {
    if (group.marker_segment == from)
      plan.add(base_record(number, group, payloads.emplace_back()));
    if (group.state_segment == from)
      plan.add(state_record(number, group.state, payloads.emplace_back()));
  }
  return plan.empty() ? status{} : carry_out(plan, true);
}

status log_file::state::move_stragglers(std::uint64_t from) {
  batch_builder batch;
  std::vector<move> moves;
  for (auto& [number, group] : groups_)
    for (std::size_t i = 0; i < group.places.size(); ++i) {
      if (group.places[i].segment != from)
        continue;
      const auto file = segments_.reader(from);
      if (!file)
        return stop(file.error());
      auto entry = read_entry(number, group.released + 1 + i, group.places[i], **file);
      if (!entry)
        return stop(entry.error());
      const auto kind = entry->kind == raft::entry_kind::configuration
                          ? record_kind::moved_configuration
                          : record_kind::moved;
      moves.emplace_back(&group.places[i], batch.add({kind, number, entry->index.value,
                                                      entry->term.value, entry->payload}));
      if (batch.size() >= moved_batch_bytes)
        if (auto written = move_batch(batch, moves); !written.ok())
          return written;
    }
  return batch.empty() ? status{} : move_batch(batch, moves);
}

status log_file::state::move_batch(batch_builder& batch, std::vector<move>& moves) {
  std::uint64_t start = 0;
  if (auto written = write(batch, true, start); !written.ok())
    return written;
  const std::lock_guard guard{lock_};
  for (const auto& [place, offset] : moves) {
    place->segment = segments_.newest();
    place->offset = static_cast<std::uint32_t>(start + offset);
  }
  batch = {};
  moves.clear();
  return {};
}

} // namespace grape::storage
