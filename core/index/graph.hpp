#pragma once

#include "core/index/hot_array.hpp"
#include "core/index/walk.hpp"
#include "core/status.hpp"

#include <cstdint>
#include <vector>

namespace grape::index {

/// No level above this one is built or accepted.
constexpr std::uint32_t level_limit = 32;

/// A navigable graph over rows 0..rows-1 in plain arrays. Level 0 holds all rows with 2m links
/// each; a row of level L also has m links on each of the levels 1..L.
struct graph {
  std::uint32_t rows = 0;
  std::uint32_t m = 0; ///< 0: no graph, and all below is empty.
  std::uint32_t entry = 0;
  std::uint32_t level_max = 0;
  std::vector<std::uint8_t> levels;  ///< By row.
  hot_array<std::uint32_t> links0;   ///< rows * 2m; lists end with no_link unless full.
  std::vector<std::uint32_t> upper;  ///< Row by row, level by level from 1; m each.
  std::vector<std::uint32_t> upper_at; ///< By row, into `upper`; follows from `levels`.

  std::uint32_t width0() const noexcept { return 2 * m; }
  std::uint32_t* list0(std::uint32_t row) noexcept { return &links0[std::size_t{row} * width0()]; }
  const std::uint32_t* list0(std::uint32_t row) const noexcept {
    return &links0[std::size_t{row} * width0()];
  }

  graph_view view() const noexcept;
  std::uint64_t bytes() const noexcept;
};

/// How many entries `upper` must have for these levels.
std::uint64_t upper_size(const std::vector<std::uint8_t>& levels, std::uint32_t m) noexcept;

/// Fills `upper_at` from `levels`. Needs upper_size() to fit 32 bits.
void index_upper_levels(graph& of);

/// Verifies everything a walk relies on: every link leads to an existing row on an existing
/// level, the entry reaches level_max, sizes agree. Never reads out of bounds. corrupted, with
/// the name of the part, otherwise.
status check_graph(const graph& of);

/// Gives rows that no path from the entry reaches on level 0 a link, if possible from one of their
/// own neighbours. It takes a free place, or that of a link whose target is reached by another way.
/// Afterwards every row is reached.
void connect_unreached(graph& of);

/// The graph of only these rows, which are ascending and not none, numbered anew in their order.
/// Links to the others are gone; see connect_unreached.
graph restricted(const graph& of, const std::vector<std::uint32_t>& kept);

/// Rows in the order in which a breadth-first search on level 0 meets them: near rows come to
/// lie close together. A permutation of all rows.
std::vector<std::uint32_t> walk_order(const graph& of);

/// The same graph with row `order[i]` renamed to i.
graph renumbered(const graph& of, const std::vector<std::uint32_t>& order);

} // namespace grape::index
