#include "core/shard/segment_policy.hpp"

#include <algorithm>

namespace grape::shard {

namespace {

// Searching one more segment costs about half a search of the largest one.
constexpr std::size_t segments_max = 3;

// A scan of this much takes about as long as a walk through a large graph.
constexpr std::uint64_t slow_tail_bytes = 1024 * 1024;

using sealed_parts = std::vector<const part_figures*>;

sealed_parts sealed_by_size(std::span<const part_figures> parts) {
  sealed_parts result;
  for (const auto& part : parts)
    if (part.sealed)
      result.push_back(&part);
  std::stable_sort(result.begin(), result.end(),
                   [](const auto* a, const auto* b) { return a->live < b->live; });
  return result;
}

// A rebuild goes on from the graph of its largest input, whose rows are copied: that takes about a
// twentieth of inserting them. So it pays to take along what is this many times as large.
constexpr std::uint64_t copied_max = 4;

// How many of the smallest segments join a rebuild of `rows`: at least `needed`, then each one that
// is not larger than `copied_max` times what has come together.
std::size_t joining(const sealed_parts& by_size, std::size_t needed, std::uint64_t rows) {
  std::size_t count = 0;
  while (count < by_size.size() && (count < needed || by_size[count]->live <= copied_max * rows))
    rows += by_size[count++]->live;
  return count;
}

// The inputs in the order in which they were given.
segment_plan plan_for(segment_task task, std::span<const part_figures> parts,
                      const std::vector<segment_id>& chosen) {
  segment_plan plan{task, {}};
  for (const auto& part : parts)
    if (std::find(chosen.begin(), chosen.end(), part.id) != chosen.end())
      plan.inputs.push_back(part.id);
  return plan;
}

std::optional<segment_plan> plan_sealing(std::span<const part_figures> parts,
                                         const segment_policy_options& options, pace now) {
  std::uint64_t bytes = 0;
  std::uint64_t rows = 0;
  std::vector<segment_id> chosen;
  for (const auto& part : parts)
    if (!part.sealed && part.rows > 0) {
      bytes += part.bytes;
      rows += part.live;
      chosen.push_back(part.id);
    }
  const auto by_size = sealed_by_size(parts);
  const auto has_graph = !by_size.empty() && by_size.back()->live > 0;
  // Going on from a graph is worth it sooner than beginning one.
  const auto full = bytes >= options.indexing_threshold_bytes / (has_graph ? 2 : 1);
  const auto slow = now != pace::busy && has_graph && bytes >= slow_tail_bytes;
  if (options.indexing_threshold_bytes == 0 || rows == 0 || !(full || slow))
    return std::nullopt;

  // If the new segment would be one too many, the merge that is due goes along.
  const auto needed = by_size.size() < segments_max ? 0 : by_size.size() + 1 - segments_max;
  for (std::size_t i = 0, count = joining(by_size, needed, rows); i < count; ++i)
    chosen.push_back(by_size[i]->id);
  return plan_for(segment_task::seal, parts, chosen);
}

std::optional<segment_plan> plan_merging(std::span<const part_figures> parts, pace now) {
  const auto by_size = sealed_by_size(parts);
  if (by_size.size() < 2)
    return std::nullopt;
  std::uint64_t live = 0;
  for (const auto* part : by_size)
    live += part->live;

  std::size_t count = 0;
  if (by_size.size() > segments_max)
    count = joining(by_size, by_size.size() + 1 - segments_max, 0);
  if (now != pace::busy && by_size.back()->live * 5 < live * 4)
    count = by_size.size();
  if (count < 2)
    return std::nullopt;
  std::vector<segment_id> chosen;
  for (std::size_t i = 0; i < count; ++i)
    chosen.push_back(by_size[i]->id);
  return plan_for(segment_task::merge, parts, chosen);
}

bool wants_vacuum(const part_figures& part, const segment_policy_options& options, pace now) {
  if (now == pace::thorough)
    return part.sealed && part.rows > part.live;
  const auto dead = static_cast<double>(part.rows - part.live);
  return part.sealed && part.rows >= options.vacuum_min_rows
         && dead > options.deleted_threshold * static_cast<double>(part.rows);
}

} // namespace

std::string_view to_string(segment_task task) noexcept {
  switch (task) {
    case segment_task::seal: return "seal";
    case segment_task::merge: return "merge";
    case segment_task::vacuum: return "vacuum";
  }
  return "unknown";
}

std::optional<segment_plan> plan_segments(std::span<const part_figures> parts,
                                          const segment_policy_options& options, pace now) {
  // What is dead as a whole goes first: it costs nothing.
  std::vector<segment_id> dead;
  for (const auto& part : parts)
    if (part.rows > 0 && part.live == 0)
      dead.push_back(part.id);
  if (!dead.empty())
    return segment_plan{segment_task::vacuum, dead};

  if (auto sealing = plan_sealing(parts, options, now))
    return sealing;
  if (auto merging = plan_merging(parts, now))
    return merging;
  for (const auto& part : parts)
    if (wants_vacuum(part, options, now))
      return segment_plan{segment_task::vacuum, {part.id}};
  return std::nullopt;
}

} // namespace grape::shard
