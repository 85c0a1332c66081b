// How the ordered log gives space back: from the oldest segment on.

#include "core/storage/log_file_state.hpp"

#include <utility>

namespace grape::storage {

using namespace log_format;

namespace {

/// Stragglers are rewritten once they are at most this part of the oldest segment.
constexpr std::uint64_t straggler_part = 8;

/// Rewriting gathers about this much at a time.
constexpr std::size_t moved_batch_bytes = 4u << 20;

} // namespace

std::uint64_t log_file::state::live_bytes(std::uint64_t segment) const {
  std::uint64_t bytes = 0;
  for (const auto& [number, group] : groups_)
    for (const auto& place : group.places)
      bytes += place.segment == segment ? place.bytes : 0;
  return bytes;
}

status log_file::state::reclaim() {
  while (segments_.oldest() < segments_.newest()) {
    const auto oldest = segments_.oldest();
    if (live_bytes(oldest) > segments_.size(oldest) / straggler_part)
      break;
    // The copies are durable before the originals go.
    if (auto moved = move_markers(oldest); !moved.ok())
      return moved;
    if (auto moved = move_stragglers(oldest); !moved.ok())
      return moved;
    if (auto dropped = segments_.drop_oldest(); !dropped.ok())
      return stop(std::move(dropped));
  }
  return {};
}

status log_file::state::move_markers(std::uint64_t from) {
  batch_builder batch;
  std::vector<log_group*> moved;
  for (auto& [number, group] : groups_)
    if (group.marker_segment == from) {
      batch.add({record_kind::release, number, group.released, 0, {}});
      moved.push_back(&group);
    }
  if (batch.empty())
    return {};
  std::uint64_t offset = 0;
  if (auto written = write(batch, true, offset); !written.ok())
    return written;
  for (auto* group : moved)
    group->marker_segment = segments_.newest();
  return {};
}

status log_file::state::move_stragglers(std::uint64_t from) {
  batch_builder batch;
  std::vector<move> moves;
  for (auto& [number, group] : groups_)
    for (std::size_t i = 0; i < group.places.size(); ++i) {
      if (group.places[i].segment != from)
        continue;
      auto entry = read_entry(number, group.released + 1 + i, group.places[i]);
      if (!entry)
        return stop(entry.error());
      moves.emplace_back(&group.places[i],
                         batch.add({record_kind::moved, number, entry->index.value,
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
  for (const auto& [place, offset] : moves) {
    place->segment = segments_.newest();
    place->offset = static_cast<std::uint32_t>(start + offset);
  }
  batch = {};
  moves.clear();
  return {};
}

} // namespace grape::storage
