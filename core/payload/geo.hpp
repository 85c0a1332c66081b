#pragma once

#include <optional>
#include <vector>

namespace grape::payload {

class value;

/// A place on the sphere, in degrees: lon -180..180, lat -90..90.
struct geo_point {
  double lon = 0;
  double lat = 0;

  friend bool operator==(const geo_point&, const geo_point&) = default;
};

/// Whether both coordinates are within their ranges.
bool is_on_earth(const geo_point& where) noexcept;

/// Inside a rectangle of degrees; its borders do not belong to it. Where the left border is greater
/// than the right one, it crosses the antimeridian.
struct geo_box {
  geo_point top_left;
  geo_point bottom_right;

  friend bool operator==(const geo_box&, const geo_box&) = default;
};

/// Nearer to `center` than `radius` metres, along a great circle.
struct geo_radius {
  geo_point center;
  double radius = 0;

  friend bool operator==(const geo_radius&, const geo_radius&) = default;
};

/// At least four points, of which the last is the first again.
using geo_ring = std::vector<geo_point>;

/// Inside the exterior ring and in none of the holes; no ring belongs to it. Edges are straight in
/// degrees. A ring may go beyond the antimeridian by longitudes outside -180..180 (as 170, 190):
/// a place counts as inside if it is there after any number of turns around the earth.
struct geo_polygon {
  geo_ring exterior;
  std::vector<geo_ring> interiors;

  friend bool operator==(const geo_polygon&, const geo_polygon&) = default;
};

bool contains(const geo_box& area, const geo_point& place) noexcept;
bool contains(const geo_radius& area, const geo_point& place) noexcept;
bool contains(const geo_polygon& area, const geo_point& place) noexcept;

/// Metres along a great circle of a sphere of 6,371,008.8 m (haversine).
double distance_m(const geo_point& a, const geo_point& b) noexcept;

/// The place that a payload value states: an object with the numbers `lon` and `lat`, both within
/// their ranges. Anything else is none.
std::optional<geo_point> geo_point_of(const value& from) noexcept;

} // namespace grape::payload
