#include "net/http/decode_geo.hpp"

#include "net/http/decode_common.hpp"

#include <cmath>
#include <limits>

namespace grape::http {

namespace {

double need_number(const node& of, std::string_view key) {
  const auto found = of.need(key);
  return found ? found->number() : 0.0;
}

/// `lon_max` is how far from 0 a longitude may be.
payload::geo_point read_place(const node& of, double lon_max) {
  if (!of.expect_object())
    return {};
  const payload::geo_point place{need_number(of, "lon"), need_number(of, "lat")};
  if (!(std::abs(place.lon) <= lon_max && std::abs(place.lat) <= 90))
    of.malformed("Wrong format of GeoPoint payload: expected `lat` = "
                 + payload::to_json(payload::value{place.lat}) + " within [-90;90] and `lon` = "
                 + payload::to_json(payload::value{place.lon}) + " within [-180;180]");
  return place;
}

payload::geo_point read_geo_point(const node& of) {
  return read_place(of, 180);
}

payload::geo_point need_point(const node& of, std::string_view key) {
  const auto found = of.need(key);
  return found ? read_geo_point(*found) : payload::geo_point{};
}

payload::geo_box read_box(const node& of) {
  if (!of.expect_object())
    return {};
  return {need_point(of, "top_left"), need_point(of, "bottom_right")};
}

payload::geo_radius read_radius(const node& of) {
  if (!of.expect_object())
    return {};
  return {need_point(of, "center"), need_number(of, "radius")};
}

bool is_closed(const payload::geo_ring& ring) {
  constexpr auto tolerance = std::numeric_limits<double>::epsilon();
  return std::abs(ring.front().lat - ring.back().lat) <= tolerance
         && std::abs(ring.front().lon - ring.back().lon) <= tolerance;
}

/// A ring may go beyond the antimeridian, once around the earth at most.
payload::geo_ring read_ring(const node& of) {
  constexpr std::size_t points_min = 4;
  constexpr double turn = 360;
  payload::geo_ring ring;
  if (const auto points = of.need("points"))
    points->each_item([&](const node& point) { ring.push_back(read_place(point, 180 + turn)); });
  if (ring.size() < points_min)
    of.malformed("Validation failed: polygon invalid, the size must be at least 4, got "
                 + std::to_string(ring.size()));
  else if (!is_closed(ring))
    of.malformed("Validation failed: polygon invalid, the first and the last points should be the "
                 "same to form a closed line");
  return ring;
}

payload::geo_polygon read_polygon(const node& of) {
  payload::geo_polygon out;
  if (const auto exterior = of.need("exterior"))
    out.exterior = read_ring(*exterior);
  if (const auto interiors = of.field("interiors"))
    interiors->each_item([&](const node& hole) { out.interiors.push_back(read_ring(hole)); });
  return out;
}

} // namespace

void read_geo_tests(const node& of, std::vector<payload::field_test>& tests) {
  if (const auto box = of.field("geo_bounding_box"))
    tests.emplace_back(read_box(*box));
  if (const auto radius = of.field("geo_radius"))
    tests.emplace_back(read_radius(*radius));
  if (const auto polygon = of.field("geo_polygon"))
    tests.emplace_back(read_polygon(*polygon));
}

} // namespace grape::http
