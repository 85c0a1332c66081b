#include "core/payload/geo_column.hpp"

#include "core/payload/geo_raster.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

using namespace grape;
using namespace grape::payload;

namespace {

/// Places and areas, of which many lie at the antimeridian, the poles, or beside each other.
class earth {
public:
  explicit earth(std::uint64_t seed) : random_(seed) {
  }

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  double between(double least, double most) {
    return least + (most - least) * static_cast<double>(random_() >> 11) * 0x1p-53;
  }

  geo_point place() {
    switch (below(8)) {
      case 0: return {below(2) == 0 ? 180.0 : -180.0, between(-90, 90)};
      case 1: return {between(-180, 180), below(2) == 0 ? 90.0 : -90.0};
      case 2: return {between(179, 180) * (below(2) == 0 ? 1 : -1), between(-5, 5)};
      case 3: return {between(-180, 180), between(88, 90) * (below(2) == 0 ? 1 : -1)};
      case 4: return {std::round(between(-180, 180)), std::round(between(-90, 90))};
      case 5: return {between(13, 14), between(52, 53)};
      default: return {between(-180, 180), between(-90, 90)};
    }
  }

  field_test area() {
    switch (below(3)) {
      case 0: return geo_box{place(), place()};
      case 1: return geo_radius{place(), std::pow(10.0, between(0, 7.5))};
      default: return polygon();
    }
  }

private:
  geo_polygon polygon() {
    geo_polygon made;
    const auto middle = place();
    const auto reach = std::pow(10.0, between(-2, 2));
    const auto ring = [&](double size) {
      geo_ring points;
      for (auto corners = 3 + below(6); corners > 0; --corners)
        points.push_back({middle.lon + between(-size, size),
                          std::clamp(middle.lat + between(-size, size), -90.0, 90.0)});
      if (below(3) == 0)
        for (auto& point : points)
          point = {std::round(point.lon), std::round(point.lat)};
      points.push_back(points.front());
      return points;
    };
    made.exterior = ring(reach);
    for (auto holes = below(3); holes > 0; --holes)
      made.interiors.push_back(ring(reach / 3));
    return made;
  }

  std::mt19937_64 random_;
};

bool is_inside(const field_test& area, const geo_point& place) {
  return std::visit(
    [&]<class Area>(const Area& in) {
      if constexpr (requires { contains(in, place); })
        return contains(in, place);
      else
        return false;
    },
    area);
}

value shown(const geo_point& place) {
  return value{object{{"lon", value{place.lon}}, {"lat", value{place.lat}}}};
}

} // namespace

TEST_SUITE("core.payload.geo_column") {
  TEST_CASE("10,000 areas find the places that brute force finds, even at the edges of the map") {
    constexpr std::size_t capacity = 300;
    constexpr int areas = 10'000;
    std::size_t found_some = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      earth chance{seed};
      geo_column column{*path::parse("at")};
      std::vector<std::vector<geo_point>> known(capacity);
      for (std::uint32_t at = 0; at < capacity; ++at) {
        array places;
        for (auto count = chance.below(4) == 0 ? chance.below(4) : 1; count > 0; --count) {
          known[at].push_back(chance.place());
          places.push_back(shown(known[at].back()));
        }
        column.set(slot{at}, object{{"at", value{std::move(places)}}});
      }
      for (int i = 0; i < areas / 10; ++i) {
        const auto area = chance.area();
        slot_set expected{capacity};
        for (std::uint32_t at = 0; at < capacity; ++at)
          for (const auto& place : known[at])
            if (is_inside(area, place))
              expected.insert(slot{at});

        const auto verdict = column.test(area, capacity);

        CAPTURE(seed);
        CAPTURE(i);
        REQUIRE(verdict.yes == expected);
        REQUIRE(verdict.possible == expected);
        found_some += expected.count() != 0 ? 1 : 0;
      }
    }
    CHECK(found_some > areas / 3); // The areas meet the places.
  }

  TEST_CASE("what places of a rectangle share is true of each of them") {
    earth chance{99};
    std::size_t decided = 0;
    for (int i = 0; i < 20'000; ++i) {
      const auto corner = chance.place();
      const auto size = std::pow(10.0, chance.between(-3, 1.5));
      const geo_rect rect{corner.lon, corner.lat, std::min(corner.lon + size, 180.0),
                          std::min(corner.lat + size, 90.0)};
      const auto area = chance.area();
      const auto share = std::visit(
        [&]<class Area>(const Area& in) {
          if constexpr (requires { share_of(rect, in); })
            return share_of(rect, in);
          else
            return geo_share::unknown;
        },
        area);
      REQUIRE(share != geo_share::unknown);
      decided += share != geo_share::mixed ? 1 : 0;
      for (int k = 0; k < 5 && share != geo_share::mixed; ++k) {
        const geo_point place{chance.between(rect.west, rect.east),
                              chance.between(rect.south, rect.north)};
        CAPTURE(i);
        REQUIRE(is_inside(area, place) == (share == geo_share::inside));
      }
    }
    CHECK(decided > 10'000);
  }

  TEST_CASE("a cell holds its places, those on the far borders too") {
    CHECK(geo_cell({-180, -90}) == 0);
    CHECK(geo_cell({180, 90}) == 0xffff'ffff);
    CHECK(geo_cell({0, 0}) == 0x8000'8000);
  }
}
