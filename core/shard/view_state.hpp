#pragma once

#include "core/cow_array.hpp"
#include "core/ids.hpp"
#include "core/index/multi_view.hpp"
#include "core/index/sparse_view.hpp"
#include "core/index/vector_view.hpp"
#include "core/payload/field_columns.hpp"
#include "core/request/collection.hpp"
#include "core/shard/id_table.hpp"
#include "core/shard/query.hpp"
#include "core/shard/recent_filters.hpp"
#include "core/slot_set.hpp"
#include "core/storage/point_store.hpp"

#include <map>
#include <memory>
#include <string>

namespace grape::shard {

/// Everything a view shows; the machine fills it once and never touches it again.
struct view_state {
  log_index applied;
  std::shared_ptr<const collection_schema> schema;
  storage::point_reader reader;
  id_table ids;
  cow_array<point_id> id_of;           ///< By slot.
  cow_array<std::uint64_t> version_of; ///< By slot.
  std::shared_ptr<const slot_set> live;
  payload::column_view columns;
  std::map<std::string, index::vector_view> vectors; ///< Of dense fields with one vector a point.
  std::map<std::string, index::multi_view> multi;
  std::map<std::string, index::sparse_view> sparse;
  shard_figures figures;
  mutable recent_filters recent; ///< Filters resolved against this very moment.
};

} // namespace grape::shard
