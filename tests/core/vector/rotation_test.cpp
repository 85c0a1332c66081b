#include "core/vector/rotation.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace grape;

namespace {

double dot(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += double{a[i]} * double{b[i]};
  return sum;
}

std::vector<float> rotated(const rotation& by, const std::vector<float>& vector) {
  std::vector<float> result(by.size());
  by.apply(vector.data(), result.data());
  return result;
}

} // namespace

TEST_SUITE("core.vector.rotation") {
  TEST_CASE("lengths and angles stay, in every dimension") {
    std::mt19937 random(5);
    std::normal_distribution<float> draw;
    for (const std::size_t dimension : {1u, 2u, 63u, 64u, 65u, 100u, 128u, 384u, 768u, 1536u}) {
      CAPTURE(dimension);
      const rotation turn(dimension);
      std::vector<float> a(dimension);
      std::vector<float> b(dimension);
      for (std::size_t i = 0; i < dimension; ++i) {
        a[i] = draw(random);
        b[i] = draw(random);
      }

      CHECK(turn.size() % 64 == 0);
      CHECK(turn.size() < dimension + 64);
      const auto size = std::sqrt(dot(a, a) * dot(b, b));
      CHECK(std::fabs(dot(rotated(turn, a), rotated(turn, b)) - dot(a, b)) <= 1e-5 * size);
      CHECK(std::fabs(dot(rotated(turn, a), rotated(turn, a)) - dot(a, a)) <= 1e-5 * dot(a, a));
    }
  }

  TEST_CASE("a single component is spread over all, none much larger than the others") {
    for (const std::size_t dimension : {100u, 768u, 1000u}) {
      const rotation turn(dimension);
      for (std::size_t at = 0; at < dimension; at += 37) {
        CAPTURE(at);
        std::vector<float> axis(dimension);
        axis[at] = 1;

        const auto spread = rotated(turn, axis);

        double largest = 0;
        for (const auto x : spread)
          largest = std::max(largest, std::fabs(double{x}));
        CHECK(largest < 6 / std::sqrt(static_cast<double>(turn.size())));
      }
    }
  }

  TEST_CASE("it is the same for ever: files depend on it") {
    const rotation turn(3);

    const auto turned = rotated(turn, {1, 2, 3});

    std::uint32_t signs = 0;
    for (std::size_t i = 0; i < 32; ++i)
      signs |= std::uint32_t{turned[i] > 0} << i;
    CHECK(signs == 2'048'951'604u);
  }
}
