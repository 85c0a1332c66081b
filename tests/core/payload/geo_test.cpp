#include "core/payload/geo.hpp"

#include "core/payload/value.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace grape::payload;

namespace {

constexpr geo_point berlin{13.404954, 52.520008};
constexpr geo_point moscow{37.617298, 55.755825};

geo_ring square(double left, double bottom, double right, double top) {
  return {{left, bottom}, {right, bottom}, {right, top}, {left, top}, {left, bottom}};
}

} // namespace

TEST_SUITE("core.payload.geo") {
  TEST_CASE("distances are those of great circles") {
    // Figures by the haversine formula with R = 6,371,008.8 m, computed elsewhere.
    CHECK(distance_m(berlin, moscow) == doctest::Approx(1'608'836.1).epsilon(1e-6));
    CHECK(distance_m({179.9, 0}, {-179.9, 0}) == doctest::Approx(22'239.0).epsilon(1e-4));
    CHECK(distance_m({0, 90}, {123, 90}) == doctest::Approx(0).epsilon(1e-6));
    CHECK(distance_m({0, 90}, {0, -90}) == doctest::Approx(20'015'114.4).epsilon(1e-7));
    CHECK(distance_m(berlin, berlin) == 0);
  }

  TEST_CASE("a radius does not contain its circle") {
    const auto far = distance_m(berlin, moscow);

    CHECK_FALSE(contains(geo_radius{berlin, far}, moscow));
    CHECK(contains(geo_radius{berlin, far * (1 + 1e-12)}, moscow));
    CHECK(contains(geo_radius{{180, 0}, 100'000}, {-179.5, 0.5}));
    CHECK(contains(geo_radius{{0, 90}, 100'000}, {-120, 89.5}));
  }

  TEST_CASE("a box has open borders and may cross the antimeridian") {
    const geo_box europe{{-10, 60}, {40, 35}};
    const geo_box pacific{{170, 10}, {-170, -10}};

    CHECK(contains(europe, berlin));
    CHECK_FALSE(contains(europe, {-10, 50}));
    CHECK_FALSE(contains(europe, {0, 60}));
    CHECK(contains(pacific, {180, 0}));
    CHECK(contains(pacific, {-175, 0}));
    CHECK_FALSE(contains(pacific, {0, 0}));
    CHECK_FALSE(contains(pacific, {170, 0}));
  }

  TEST_CASE("a polygon contains neither its rings nor its holes") {
    const geo_polygon ring{square(0, 0, 10, 10), {square(4, 4, 6, 6)}};

    CHECK(contains(ring, {1, 1}));
    CHECK_FALSE(contains(ring, {0, 5}));
    CHECK_FALSE(contains(ring, {10, 10}));
    CHECK_FALSE(contains(ring, {5, 5}));
    CHECK_FALSE(contains(ring, {4, 5}));
    CHECK(contains(ring, {3.999, 5}));
    CHECK_FALSE(contains(ring, {-1, 5}));
    CHECK_FALSE(contains(geo_polygon{}, {0, 0}));
  }

  TEST_CASE("a ray through a vertex crosses the ring once") {
    const geo_polygon diamond{{{0, -5}, {5, 0}, {0, 5}, {-5, 0}, {0, -5}}, {}};

    CHECK(contains(diamond, {-2, 0}));
    CHECK(contains(diamond, {2, 0}));
    CHECK_FALSE(contains(diamond, {-6, 0}));
    CHECK_FALSE(contains(diamond, {-4, 5}));
    CHECK_FALSE(contains(diamond, {-4, -5}));
  }

  TEST_CASE("a polygon beyond 180 degrees goes on at the other side of the map") {
    const geo_polygon pacific{square(170, -10, 190, 10), {square(179, -1, 181, 1)}};

    CHECK(contains(pacific, {175, 0}));
    CHECK(contains(pacific, {-175, 0}));
    CHECK(contains(pacific, {180, 5}));
    CHECK(contains(pacific, {-180, 5}));
    CHECK_FALSE(contains(pacific, {180, 0}));
    CHECK_FALSE(contains(pacific, {-169, 0}));
    CHECK_FALSE(contains(pacific, {0, 0}));
  }

  // A second opinion: the winding number, by angles.
  TEST_CASE("the same is inside by the sum of angles, for random rings that do not cross") {
    std::mt19937_64 random{3};
    const auto unit = [&] { return static_cast<double>(random() % 1'000'003) / 1'000'003; };
    for (int round = 0; round < 200; ++round) {
      geo_polygon star;
      const auto corners = 3 + random() % 10;
      for (std::size_t i = 0; i < corners; ++i) {
        const auto angle = (static_cast<double>(i) + 0.8 * unit()) * 6.283185307179586
                           / static_cast<double>(corners);
        const auto reach = 1 + 60 * unit();
        star.exterior.push_back({reach * std::cos(angle), reach * std::sin(angle)});
      }
      star.exterior.push_back(star.exterior.front());
      for (int i = 0; i < 50; ++i) {
        const geo_point place{160 * unit() - 80, 160 * unit() - 80};
        double turned = 0;
        for (std::size_t k = 1; k < star.exterior.size(); ++k) {
          const auto ax = star.exterior[k - 1].lon - place.lon;
          const auto ay = star.exterior[k - 1].lat - place.lat;
          const auto bx = star.exterior[k].lon - place.lon;
          const auto by = star.exterior[k].lat - place.lat;
          turned += std::atan2(ax * by - ay * bx, ax * bx + ay * by);
        }
        REQUIRE(contains(star, place) == (std::abs(turned) > 3));
      }
    }
  }

  TEST_CASE("a place is an object with two numbers within their ranges") {
    const auto place = [](value lon, value lat) {
      return geo_point_of(value{object{{"lon", std::move(lon)}, {"lat", std::move(lat)}}});
    };

    CHECK(place(value{13.5}, value{std::int64_t{52}}) == geo_point{13.5, 52});
    CHECK_FALSE(place(value{181.0}, value{0.0}).has_value());
    CHECK_FALSE(place(value{0.0}, value{-90.5}).has_value());
    CHECK_FALSE(place(value{"1"}, value{0.0}).has_value());
    CHECK_FALSE(geo_point_of(value{object{{"lon", value{1.0}}}}).has_value());
    CHECK_FALSE(geo_point_of(value{"0,0"}).has_value());
  }
}
