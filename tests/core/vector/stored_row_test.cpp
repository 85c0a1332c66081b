#include "core/vector/stored_row.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <random>

using namespace grape;

namespace {

constexpr row_form all_forms[] = {row_form::float32, row_form::float16, row_form::uint8,
                                  row_form::unit_uint8};

/// A row that the form can hold, odd values among the components.
std::vector<float> any_row(row_form form, std::size_t dimension, std::mt19937& random) {
  std::vector<float> row(dimension);
  std::normal_distribution<float> normal(0, form == row_form::float16 ? 1.0f : 80.0f);
  for (auto& component : row)
    component = normal(random);
  row[0] = 6e-8f; // Subnormal as float16.
  row[dimension / 2] = form == row_form::float16 ? -65'504.0f : 255.0f;
  if (form != row_form::float32)
    round_to(form == row_form::float16 ? vector_datatype::float16 : vector_datatype::uint8, row);
  return row;
}

} // namespace

TEST_SUITE("core.vector.stored_row") {
  TEST_CASE("datatypes have their form, and bytes of their own") {
    CHECK(form_of(vector_datatype::float32, metric::cosine) == row_form::float32);
    CHECK(form_of(vector_datatype::turbo4, metric::dot) == row_form::float32);
    CHECK(form_of(vector_datatype::float16, metric::cosine) == row_form::float16);
    CHECK(form_of(vector_datatype::uint8, metric::euclid) == row_form::uint8);
    CHECK(form_of(vector_datatype::uint8, metric::cosine) == row_form::unit_uint8);
    CHECK(row_layout(row_form::float32, 7).bytes() == 28);
    CHECK(row_layout(row_form::float16, 7).bytes() == 14);
    CHECK(row_layout(row_form::uint8, 7).bytes() == 7);
  }

  TEST_CASE("what is stored is loaded again to the last bit, on every instruction set") {
    std::mt19937 random(3);
    for (const auto form : all_forms)
      for (const std::size_t dimension : {1u, 3u, 8u, 17u, 100u, 768u})
        for (const auto set : usable_isas()) {
          CAPTURE(static_cast<int>(form));
          CAPTURE(dimension);
          CAPTURE(to_string(set));
          const row_layout layout(form, dimension, set);
          auto row = any_row(form, dimension, random);
          std::vector<float> bytes(dimension + 1);
          std::vector<float> buffer(dimension);

          layout.store(row.data(), bytes.data());
          const auto* loaded = layout.load(bytes.data(), buffer.data());

          if (form == row_form::unit_uint8)
            normalise(row);
          CHECK((loaded == buffer.data()) == (form != row_form::float32));
          CHECK(std::memcmp(loaded, row.data(), dimension * sizeof(float)) == 0);
        }
  }

  TEST_CASE("every finite float16 is widened as float_from does") {
    std::vector<std::uint16_t> all;
    for (std::uint32_t half = 0; half < 0x1'0000; ++half)
      if ((half & 0x7c00) != 0x7c00)
        all.push_back(static_cast<std::uint16_t>(half));
    std::vector<float> buffer(all.size());
    for (const auto set : usable_isas()) {
      const row_layout layout(row_form::float16, all.size(), set);
      const auto* loaded = layout.load(all.data(), buffer.data());
      std::size_t wrong = 0;
      for (std::size_t i = 0; i < all.size(); ++i) {
        const auto right = float_from(all[i]);
        wrong += std::memcmp(&right, &loaded[i], sizeof right) != 0 ? 1 : 0;
      }
      CHECK(wrong == 0);
    }
  }
}
