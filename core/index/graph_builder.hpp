#pragma once

#include "core/executor.hpp"
#include "core/index/graph.hpp"
#include "core/index/segment.hpp"
#include "core/outcome.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <vector>

namespace grape::index {

/// What a graph is built over: `rows` records of `record_bytes` bytes and a distance.
struct graph_material {
  /// `length` points to graph_material::length.
  using distance_function = float (*)(const void* a, const void* b, const void* length);

  std::uint32_t rows = 0;       ///< At least 1.
  std::size_t record_bytes = 0;
  std::size_t length = 0;
  distance_function distance = nullptr;
  row_codec codec = row_codec::float_dot; ///< How a walk measures the same.
  std::function<void(std::uint32_t row, void* record)> write_record; ///< From several threads.
  /// Not null: a graph of at least one row over the first rows, with as many links per row as are
  /// asked for. Only the others are inserted.
  const graph* base = nullptr;
};

/// A graph in walk order, and for each of its rows the row of the material.
struct built_graph {
  graph links;
  std::vector<std::uint32_t> source_of_row;
};

/// Inserts the rows that are in no graph yet, on as many threads as `with` has, and connects what
/// fell off the graph. With one thread the result depends on material and options alone. Errors:
/// cancelled once `stop` is true, no_space. Needs options.m >= 1; `progress` may be null.
outcome<built_graph> build_graph(const graph_material& material, const graph_options& options,
                                 executor& with, const std::atomic<bool>& stop,
                                 build_progress* progress);

} // namespace grape::index
