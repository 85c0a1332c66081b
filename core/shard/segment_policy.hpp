#pragma once

#include "core/ids.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace grape::shard {

/// What the policy needs to know about one part of a vector index.
struct part_figures {
  segment_id id{};
  bool sealed = false;     ///< False: a tail, scanned row by row.
  std::uint64_t rows = 0;  ///< Dead ones included.
  std::uint64_t live = 0;  ///< Rows that are some point's current vector; at most `rows`.
  std::uint64_t bytes = 0; ///< Of the live vectors, as float32.
};

struct segment_policy_options {
  std::uint64_t indexing_threshold_bytes = 10'000 * 1024; ///< 0: tails are never sealed.
  double deleted_threshold = 0.2;                         ///< Share of dead rows, 0..1.
  std::uint64_t vacuum_min_rows = 1'000; ///< A smaller segment is not worth a vacuum.
};

/// How much work is welcome now. The policy has no clock, so its caller says.
enum class pace : std::uint8_t {
  busy,     ///< Writes keep coming: build only what bounds the cost of a search.
  quiet,    ///< No writes for a while: bring the index into its best form.
  thorough, ///< Somebody asked: as quiet, and no dead row stays in a sealed segment.
};

enum class segment_task : std::uint8_t { seal, merge, vacuum };

/// "seal", "merge", "vacuum".
std::string_view to_string(segment_task task) noexcept;

/// Parts to be rebuilt as one sealed segment.
struct segment_plan {
  segment_task task = segment_task::seal;
  std::vector<segment_id> inputs; ///< Not empty; in the order given.

  friend bool operator==(const segment_plan&, const segment_plan&) = default;
};

/// Decides the next rebuild, if one is worth its cost. Pure.
///
/// - seal: the tails together hold at least the threshold of live bytes, or half of it if there is
///   a graph already; when quiet, and there is one, a tail large enough to slow searches down.
///   Segments up to four times as large go along: their graph is gone on from.
/// - vacuum: a sealed segment of at least `vacuum_min_rows` with a larger share of dead rows than
///   `deleted_threshold`, or with no live row at all; when thorough, any with a dead row.
/// - merge: more than three sealed segments (then the smallest and those of like size); when quiet,
///   also if the largest holds less than 80 % of the rows in graphs (then all).
///
/// So a load of 40 tails inserts each row into graphs 1.7 times and copies it 4 times; one of 400
/// tails 2.3 and 7 times.
std::optional<segment_plan> plan_segments(std::span<const part_figures> parts,
                                          const segment_policy_options& options, pace now);

} // namespace grape::shard
