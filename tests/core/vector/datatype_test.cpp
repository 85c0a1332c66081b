#include "core/vector/datatype.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

using namespace grape;

namespace {

/// The nearest of all binary16 values, ties to the one with an even mantissa: by looking at all.
std::uint16_t nearest_of_all(float value) {
  std::uint16_t best = 0;
  for (std::uint32_t bits = 0; bits <= 0x7bff; ++bits) {
    const auto each = static_cast<std::uint16_t>(bits);
    const auto far = std::abs(double{float_from(each)} - std::abs(value));
    const auto best_far = std::abs(double{float_from(best)} - std::abs(value));
    if (far < best_far || (far == best_far && each % 2 == 0))
      best = each;
  }
  return static_cast<std::uint16_t>(best | (std::signbit(value) ? 0x8000 : 0));
}

} // namespace

TEST_SUITE("core.vector.datatype") {
  TEST_CASE("every binary16 value is read back as itself") {
    for (std::uint32_t bits = 0; bits <= 0xffff; ++bits)
      if ((bits & 0x7c00) != 0x7c00)
        CHECK(float16_from(float_from(static_cast<std::uint16_t>(bits))) == bits);
  }

  TEST_CASE("a float becomes the nearest binary16, ties to even, never infinity") {
    std::mt19937 random(16);
    for (int i = 0; i < 200; ++i) {
      const auto value = std::ldexp(std::uniform_real_distribution<float>(-2, 2)(random),
                                    static_cast<int>(random() % 45) - 28);
      CAPTURE(value);
      CHECK(float16_from(value) == nearest_of_all(value));
    }
    CHECK(float_from(float16_from(1.00048828125f)) == 1.0f); // Half way: to even.
    CHECK(float_from(float16_from(1.00146484375f)) == 1.001953125f);
    CHECK(float_from(float16_from(std::numeric_limits<float>::max())) == 65'504.0f);
    CHECK(float_from(float16_from(65'520.0f)) == 65'504.0f);
    CHECK(std::signbit(float_from(float16_from(-0.0f))));
  }

  TEST_CASE("uint8 cuts off fractions and what is outside") {
    std::vector<float> components{-5, 0.99f, 1, 254.7f, 256, 1e30f};

    round_to(vector_datatype::uint8, components);

    CHECK(components == std::vector<float>{0, 0, 1, 254, 255, 255});
  }
}
