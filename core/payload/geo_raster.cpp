#include "core/payload/geo_raster.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace grape::payload {

namespace {

constexpr std::uint32_t cells = 65'536; ///< In each direction.
constexpr double cell_width = 360.0 / cells;
constexpr double cell_height = 180.0 / cells;

/// More than all that is lost by rounding on the way.
constexpr double slack = 1e-9;

/// 0..cells-1. The last cell takes the far border as well.
std::uint32_t place_in(double degrees, double cell) noexcept {
  const auto at = std::floor(degrees / cell);
  return static_cast<std::uint32_t>(std::clamp(at, 0.0, static_cast<double>(cells - 1)));
}

double turns(double degrees) noexcept {
  return 360 * std::floor(degrees / 360);
}

/// Whether the edge comes near the rectangle: not if it lies beyond one side, or if all corners lie
/// on one side of it.
bool is_near(const geo_point& a, const geo_point& b, const geo_rect& rect) noexcept {
  if (std::max(a.lon, b.lon) < rect.west || std::min(a.lon, b.lon) > rect.east
      || std::max(a.lat, b.lat) < rect.south || std::min(a.lat, b.lat) > rect.north)
    return false;
  const auto turn = [&](double lon, double lat) {
    return (b.lon - a.lon) * (lat - a.lat) - (b.lat - a.lat) * (lon - a.lon);
  };
  const auto corners = {turn(rect.west, rect.south), turn(rect.west, rect.north),
                        turn(rect.east, rect.south), turn(rect.east, rect.north)};
  return std::min(corners) <= slack && std::max(corners) >= -slack;
}

bool comes_near(const geo_ring& ring, const geo_rect& rect) noexcept {
  for (std::size_t i = 1; i < ring.size(); ++i)
    if (is_near(ring[i - 1], ring[i], rect))
      return true;
  return false;
}

} // namespace

std::uint32_t geo_cell(const geo_point& place) noexcept {
  return place_in(place.lon + 180, cell_width) << 16 | place_in(place.lat + 90, cell_height);
}

geo_share share_of(const geo_rect& rect, const geo_box& area) noexcept {
  const auto [left, top] = area.top_left;
  const auto [right, bottom] = area.bottom_right;
  if (rect.north < bottom || rect.south > top)
    return geo_share::outside;
  const auto crosses = left > right;
  if (crosses ? rect.east < left && rect.west > right : rect.east < left || rect.west > right)
    return geo_share::outside;
  const auto along =
      crosses ? rect.west > left || rect.east < right : rect.west > left && rect.east < right;
  return along && rect.south > bottom && rect.north < top ? geo_share::inside : geo_share::mixed;
}

geo_share share_of(const geo_rect& rect, const geo_radius& area) noexcept {
  // No place of the rectangle is farther from its middle than the way up and then along, taken
  // where that is longest.
  const geo_point middle{(rect.west + rect.east) / 2,
                         std::clamp((rect.south + rect.north) / 2, -90.0, 90.0)};
  const auto equator = rect.south <= 0 && rect.north >= 0
                           ? 0.0
                           : std::min({std::abs(rect.south), std::abs(rect.north), 90.0});
  const auto reach = distance_m(middle, {middle.lon, rect.north})
                     + distance_m({middle.lon, equator}, {rect.east, equator});
  const auto away = distance_m(area.center, middle);
  constexpr double slack_m = 0.01;
  if (away - reach > area.radius + slack_m)
    return geo_share::outside;
  return away + reach < area.radius - slack_m ? geo_share::inside : geo_share::mixed;
}

geo_share share_of(const geo_rect& rect, const geo_polygon& area) noexcept {
  const auto bounds = bounds_of(area);
  // The ring may lie a turn farther east or west than the rectangle.
  for (auto by = turns(bounds.west - rect.east); rect.west + by <= bounds.east; by += 360) {
    const geo_rect moved{rect.west + by, rect.south, rect.east + by, rect.north};
    if (comes_near(area.exterior, moved))
      return geo_share::mixed;
    for (const auto& hole : area.interiors)
      if (comes_near(hole, moved))
        return geo_share::mixed;
  }
  const geo_point middle{(rect.west + rect.east) / 2, (rect.south + rect.north) / 2};
  return contains(area, middle) ? geo_share::inside : geo_share::outside;
}

geo_rect bounds_of(const geo_box& area) noexcept {
  const auto west = area.top_left.lon;
  const auto east = area.bottom_right.lon;
  return {west, area.bottom_right.lat, west > east ? east + 360 : east, area.top_left.lat};
}

geo_rect bounds_of(const geo_radius& area) noexcept {
  constexpr auto degrees = 180 / std::numbers::pi;
  constexpr double metres_of_radian = 6'371'008.8;
  const auto angle = area.radius / metres_of_radian * (1 + slack) + slack;
  const auto up = angle * degrees;
  geo_rect around{-180, area.center.lat - up, 180, area.center.lat + up};
  // With a pole in it, the circle reaches all meridians.
  if (around.north >= 90 || around.south <= -90)
    return around;
  const auto sine = std::sin(angle) / std::cos(area.center.lat / degrees);
  const auto along = std::asin(std::min(1.0, sine)) * degrees + slack;
  around.west = area.center.lon - along;
  around.east = area.center.lon + along;
  return around;
}

geo_rect bounds_of(const geo_polygon& area) noexcept {
  if (area.exterior.empty())
    return {0, 0, -1, -1};
  const auto& first = area.exterior.front();
  geo_rect around{first.lon, first.lat, first.lon, first.lat};
  for (const auto& corner : area.exterior) {
    around.west = std::min(around.west, corner.lon);
    around.east = std::max(around.east, corner.lon);
    around.south = std::min(around.south, corner.lat);
    around.north = std::max(around.north, corner.lat);
  }
  return around;
}

template <class Area>
geo_raster<Area>::geo_raster(const Area& area)
  : area_(area)
  , squares_(std::size_t{side} * side) {
  const auto bounds = bounds_of(area);
  const auto clamped = [](double lat) { return std::clamp(lat, -90.0, 90.0); };
  south_ = place_in(clamped(bounds.south - slack) + 90, cell_height);
  rows_ = bounds.north < bounds.south
              ? 0
              : place_in(clamped(bounds.north + slack) + 90, cell_height) - south_ + 1;
  const auto west = bounds.west - 2 * cell_width;
  const auto span = bounds.east - bounds.west + 4 * cell_width;
  // Columns are counted from the west border around the earth, and one more for the rounding.
  columns_ = span >= 360 ? cells : static_cast<std::uint32_t>(span / cell_width) + 2;
  columns_ = std::min(columns_, cells);
  west_ = columns_ == cells ? 0 : place_in(west + 180 - turns(west + 180), cell_width);
  width_ = (columns_ + side - 1) / side;
  height_ = std::max<std::uint32_t>(1, (rows_ + side - 1) / side);
}

template <class Area>
geo_share geo_raster<Area>::of(std::uint32_t cell) {
  const auto column = ((cell >> 16) - west_) % cells;
  const auto row = (cell & 0xffff) - south_; // Huge for cells south of it.
  if (column >= columns_ || row >= rows_)
    return geo_share::outside;
  const auto x = column / width_;
  const auto y = row / height_;
  auto& share = squares_[std::size_t{y} * side + x];
  if (share == geo_share::unknown) {
    const auto west = (west_ + x * width_) * cell_width - 180;
    const auto south = (south_ + y * height_) * cell_height - 90;
    const auto east = west + width_ * cell_width;
    // A square that reaches over the antimeridian has two names for its longitudes.
    share = east > 180 + slack && west < 180 - slack
                ? geo_share::mixed
                : share_of(west >= 180 - slack
                               ? geo_rect{west - 360 - slack, south - slack, east - 360 + slack,
                                          south + height_ * cell_height + slack}
                               : geo_rect{west - slack, south - slack, east + slack,
                                          south + height_ * cell_height + slack},
                           area_);
  }
  return share;
}

template class geo_raster<geo_box>;
template class geo_raster<geo_radius>;
template class geo_raster<geo_polygon>;

} // namespace grape::payload
