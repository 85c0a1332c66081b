#include "core/payload/geo.hpp"

#include "core/payload/value.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace grape::payload {

namespace {

constexpr double earth_radius_m = 6'371'008.8; ///< The mean radius of WGS 84 (IUGG).

enum class side { outside, border, inside };

/// Of a closed ring, in the plane of degrees; a ray to the right crosses an odd number of edges.
side side_of(const geo_ring& ring, double x, double y) noexcept {
  bool inside = false;
  for (std::size_t i = 1; i < ring.size(); ++i) {
    const auto& a = ring[i - 1];
    const auto& b = ring[i];
    if (std::min(a.lat, b.lat) > y || std::max(a.lat, b.lat) < y || std::max(a.lon, b.lon) < x)
      continue;
    const auto turn = (b.lon - a.lon) * (y - a.lat) - (b.lat - a.lat) * (x - a.lon);
    if (turn == 0 && std::min(a.lon, b.lon) <= x)
      return side::border;
    // Half open, so that a vertex on the ray belongs to one of its two edges.
    if ((a.lat > y) != (b.lat > y) && (turn > 0) == (b.lat > a.lat))
      inside = !inside;
  }
  return inside ? side::inside : side::outside;
}

bool contains_flat(const geo_polygon& area, double lon, double lat) noexcept {
  return side_of(area.exterior, lon, lat) == side::inside
         && std::all_of(area.interiors.begin(), area.interiors.end(), [&](const geo_ring& hole) {
              return side_of(hole, lon, lat) == side::outside;
            });
}

} // namespace

bool is_on_earth(const geo_point& where) noexcept {
  return where.lon >= -180 && where.lon <= 180 && where.lat >= -90 && where.lat <= 90;
}

bool contains(const geo_box& area, const geo_point& place) noexcept {
  const auto [left, top] = area.top_left;
  const auto [right, bottom] = area.bottom_right;
  const auto between =
      left > right ? place.lon > left || place.lon < right : left < place.lon && place.lon < right;
  return between && bottom < place.lat && place.lat < top;
}

bool contains(const geo_radius& area, const geo_point& place) noexcept {
  return distance_m(area.center, place) < area.radius;
}

bool contains(const geo_polygon& area, const geo_point& place) noexcept {
  const auto [least, most] =
      std::minmax_element(area.exterior.begin(), area.exterior.end(),
                          [](const auto& a, const auto& b) { return a.lon < b.lon; });
  if (least == area.exterior.end())
    return false;
  // The first turn that is not left of the ring; usually there is one to look at.
  const auto first = place.lon + 360 * std::ceil((least->lon - place.lon) / 360);
  for (auto lon = first; lon <= most->lon; lon += 360)
    if (contains_flat(area, lon, place.lat))
      return true;
  return false;
}

double distance_m(const geo_point& a, const geo_point& b) noexcept {
  constexpr auto radians = std::numbers::pi / 180;
  const auto half_sine = [](double degrees) { return std::sin(degrees * radians / 2); };
  const auto up = half_sine(b.lat - a.lat);
  const auto along = half_sine(b.lon - a.lon);
  const auto chord =
      up * up + std::cos(a.lat * radians) * std::cos(b.lat * radians) * along * along;
  return 2 * earth_radius_m * std::asin(std::sqrt(std::min(1.0, chord)));
}

std::optional<geo_point> geo_point_of(const value& from) noexcept {
  const auto* place = from.as_object();
  if (place == nullptr)
    return std::nullopt;
  const auto* lon = place->find("lon");
  const auto* lat = place->find("lat");
  if (lon == nullptr || lat == nullptr || !lon->is_number() || !lat->is_number())
    return std::nullopt;
  const geo_point found{lon->number(), lat->number()};
  return is_on_earth(found) ? std::optional{found} : std::nullopt;
}

} // namespace grape::payload
