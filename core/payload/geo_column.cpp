#include "core/payload/geo_column.hpp"

#include "core/payload/column_scan.hpp"
#include "core/payload/geo_raster.hpp"

#include <algorithm>
#include <bit>

namespace grape::payload {

namespace {

using block = column_block<std::uint32_t>;

verdict sure(slot_set yes) {
  auto possible = yes;
  return {std::move(yes), std::move(possible)};
}

} // namespace

geo_column::geo_column(const path& field)
  : field_(field) {}

void geo_column::set(slot where, const object& payload) {
  slot_facts<std::uint32_t> cells;
  slot_facts<geo_point> places;
  const auto add = [&](const value& element) {
    if (element.is_null()) {
      cells.null = true;
    } else if (const auto place = geo_point_of(element)) {
      cells.values.push_back(geo_cell(*place));
      places.values.push_back(*place);
    } else {
      cells.other = true;
    }
  };
  visit_values(payload, field_, [&](const value& found) {
    const auto* elements = found.as_array();
    cells.filled |= elements != nullptr ? !elements->empty() : !found.is_null();
    if (elements == nullptr)
      add(found);
    else
      std::for_each(elements->begin(), elements->end(), add);
    return true;
  });
  cells_.set(where.value, cells);
  places_.set(where.value, places);
}

void geo_column::clear(slot where) {
  if (where.value / block::slots >= cells_.blocks())
    return;
  cells_.set(where.value, {});
  places_.set(where.value, {});
}

template <class Area>
slot_set geo_column::inside(const Area& area, std::size_t capacity) const {
  slot_set found{capacity};
  geo_raster<Area> raster{area};
  const auto holds = [&](std::uint32_t cell, const geo_point& place) {
    const auto share = raster.of(cell);
    return share == geo_share::inside || (share == geo_share::mixed && contains(area, place));
  };
  for (std::size_t b = 0; b < cells_.blocks(); ++b) {
    const auto& cells = cells_[b];
    const auto& places = places_[b];
    const auto first = b * block::slots;
    for (std::size_t w = 0; w < block::words; ++w)
      for (auto word = cells.single[w]; word != 0; word &= word - 1) {
        const auto at = w * 64 + static_cast<std::size_t>(std::countr_zero(word));
        if (first + at < capacity && holds(cells.values[at], places.values[at]))
          found.insert(slot{static_cast<std::uint32_t>(first + at)});
      }
    for (const auto& run : cells.runs) {
      if (first + run.offset >= capacity)
        break;
      const auto other = std::lower_bound(places.runs.begin(), places.runs.end(), run.offset,
                                          [](const auto& r, auto o) { return r.offset < o; });
      for (std::size_t i = 0; i < run.count; ++i)
        if (holds(cells.pool[run.begin + i], places.pool[other->begin + i])) {
          found.insert(slot{static_cast<std::uint32_t>(first + run.offset)});
          break;
        }
    }
  }
  return found;
}

verdict geo_column::test(const field_test& wanted, std::size_t capacity) const {
  if (const auto* box = std::get_if<geo_box>(&wanted))
    return sure(inside(*box, capacity));
  if (const auto* radius = std::get_if<geo_radius>(&wanted))
    return sure(inside(*radius, capacity));
  if (const auto* polygon = std::get_if<geo_polygon>(&wanted))
    return sure(inside(*polygon, capacity));
  if (const auto* empty = std::get_if<empty_test>(&wanted))
    return sure(facts(cells_, capacity, &block::filled, !empty->wanted));
  if (const auto* null = std::get_if<null_test>(&wanted))
    return sure(facts(cells_, capacity, &block::null, null->wanted));
  if (const auto* counts = std::get_if<values_count>(&wanted); counts && field_.leads_to_one())
    return judge_counts(cells_, capacity, [&](std::uint64_t n) { return within(*counts, n); });
  auto possible = facts(cells_, capacity, &block::other);
  if (std::holds_alternative<values_count>(wanted)) {
    std::fill(possible.words().begin(), possible.words().end(), ~std::uint64_t{0});
    trim(possible);
  } else if (std::holds_alternative<match_except>(wanted)) {
    auto yes = scan(cells_, capacity, [](std::uint32_t) { return true; }); // No place is listed.
    add(possible, yes);
    return {std::move(yes), std::move(possible)};
  }
  return {slot_set{capacity}, std::move(possible)}; // No place is a string or a number.
}

} // namespace grape::payload
