#pragma once

#include "core/ids.hpp"
#include "core/payload/column_store.hpp"
#include "core/payload/filter.hpp"
#include "core/payload/path.hpp"
#include "core/payload/typed_column.hpp"
#include "core/payload/verdict.hpp"

namespace grape::payload {

/// The places of one indexed field: of each the cell of a grid over the map, which decides nearly
/// always, and its exact coordinates. Copies share memory.
class geo_column {
public:
  explicit geo_column(const path& field);

  void set(slot where, const object& payload);
  void clear(slot where);
  verdict test(const field_test& wanted, std::size_t capacity) const;
  std::size_t filled() const noexcept { return cells_.filled(); }
  std::size_t bytes() const { return cells_.bytes() + places_.bytes(); }
  value_counts count_values(const slot_set&) const { return {}; }
  std::vector<order_value> numbers(slot) const { return {}; }

private:
  template <class Area>
  slot_set inside(const Area& area, std::size_t capacity) const;

  path field_;
  column_store<std::uint32_t> cells_; ///< See geo_raster.hpp.
  column_store<geo_point> places_;    ///< Of the same slots, in the same order.
};

} // namespace grape::payload
