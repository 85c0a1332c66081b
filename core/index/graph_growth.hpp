#pragma once

#include "core/index/graph.hpp"
#include "core/index/graph_builder.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace grape::index {

/// A graph while rows are inserted. hnswlib keeps its memory and locks, draws nothing and descends
/// through its levels; the search for a row's neighbours is Grape's own walk, and so is the choice
/// among them, which gives the links that hnswlib's would.
class graph_growth {
public:
  /// `material` must outlive this. Throws std::bad_alloc and std::runtime_error, as all here do.
  graph_growth(const graph_material& material, std::uint32_t m, const graph_options& options);
  ~graph_growth();

  /// Makes the empty graph one of the material's base.
  void import_base();

  /// From several threads, but the first row, which must be none below in level, alone.
  void insert(std::uint32_t row, const void* record, std::uint8_t level);

  /// Rows are numbered as they were inserted.
  graph exported() const;

  /// By that number.
  std::vector<std::uint32_t> inserted_rows() const;

  class native_graph; ///< hnswlib's, known to graph_growth.cpp alone.

private:
  const graph_material& material_;
  std::unique_ptr<native_graph> native_;
};

} // namespace grape::index
