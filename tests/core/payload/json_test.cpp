#include "random_documents.hpp"
#include "read_json.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <random>

using namespace grape;
using namespace grape::payload;

TEST_SUITE("core.payload.json") {
  TEST_CASE("every kind of value is written in its shortest exact form") {
    CHECK(to_json(value{}) == "null");
    CHECK(to_json(value{true}) == "true");
    CHECK(to_json(value{std::int64_t{5}}) == "5");
    CHECK(to_json(value{5.0}) == "5.0");
    CHECK(to_json(value{-0.0}) == "-0.0");
    CHECK(to_json(value{0.1}) == "0.1");
    CHECK(to_json(value{1e300}) == "1e+300");
    CHECK(to_json(value{std::numeric_limits<std::uint64_t>::max()}) == "18446744073709551615");
    CHECK(to_json(value{std::numeric_limits<std::int64_t>::min()}) == "-9223372036854775808");
    CHECK(to_json(value{"a\"\\\n\x01 ü"}) == "\"a\\\"\\\\\\n\\u0001 ü\"");
    CHECK(to_json(value{array{}}) == "[]");
    CHECK(to_json(object{{"b", value{true}}, {"a", value{array{value{}, value{1.5}}}}})
          == R"({"a":[null,1.5],"b":true})");
  }

  TEST_CASE("whatever is written reads back equal, doubles to the last bit") {
    const std::uint64_t seed = 20'261'124;
    CAPTURE(seed);
    std::mt19937_64 random{seed};

    for (int i = 0; i < 20'000; ++i) {
      const auto number = std::bit_cast<double>(random());
      if (number - number != 0)
        continue; // Infinities and NaNs have no JSON.
      const auto back = read_json(to_json(value{number}));
      REQUIRE(back.as_double() != nullptr);
      REQUIRE(std::bit_cast<std::uint64_t>(*back.as_double())
              == std::bit_cast<std::uint64_t>(number));
    }
    for (int i = 0; i < 2'000; ++i) {
      const auto document = random_document(random);
      REQUIRE(read_object(to_json(document)) == document);
    }
  }
}
