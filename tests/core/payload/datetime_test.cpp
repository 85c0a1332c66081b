#include "core/payload/datetime.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace grape::payload;

namespace {

constexpr std::int64_t second = 1'000'000;

} // namespace

TEST_SUITE("core.payload.datetime") {
  TEST_CASE("every accepted spelling means the same moment") {
    // 2024-02-29T12:30:15.5Z by `date -u -d ... +%s`.
    constexpr std::int64_t moment = 1'709'209'815 * second + second / 2;
    for (const auto* text :
         {"2024-02-29T12:30:15.5Z", "2024-02-29t12:30:15.500z", "2024-02-29 12:30:15.5",
          "2024-02-29T14:30:15.500000+02:00", "2024-02-29T14:30:15.5+0200",
          "2024-02-29T14:30:15.5+02", "2024-02-29T05:00:15.5-07:30", "2024-2-29 12:30:15.5Z",
          "2024-02-29T12:30:15.5000009Z"}) {
      CAPTURE(text);
      CHECK(parse_datetime(text) == moment);
    }
  }

  TEST_CASE("seconds, the time and the offset may be left out") {
    CHECK(parse_datetime("1970-01-01") == 0);
    CHECK(parse_datetime("1970-01-01T00:01") == 60 * second);
    CHECK(parse_datetime("1970-01-01 00:00:01") == second);
    CHECK(parse_datetime("1969-12-31T23:59:59.999999Z") == -1);
    CHECK(parse_datetime("2016-12-31T23:59:60Z") == parse_datetime("2017-01-01T00:00:00Z"));
  }

  TEST_CASE("what is no date, or no time of it, is none") {
    for (const auto* text :
         {"", "2024", "2024-02-30", "2023-02-29", "2024-13-01", "2024-00-01", "24-01-01",
          "2024-01-01T", "2024-01-01T24:00", "2024-01-01T12:60", "2024-01-01T12:00:61",
          "2024-01-01T12:00:00.", "2024-01-01T12:00:00+2", "2024-01-01T12:00:00+02:00x",
          "2024-01-01x", "Monday", "+2024-01-01", "2024-01-01T12"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_datetime(text).has_value());
    }
  }

  TEST_CASE("what is printed is read again as the same moment") {
    std::mt19937_64 random{7};
    for (int i = 0; i < 2'000; ++i) {
      const auto moment =
          static_cast<std::int64_t>(random() % 250'000'000'000'000'000) - 60'000'000'000'000'000;
      CAPTURE(moment);
      CHECK(parse_datetime(datetime_text(moment)) == moment);
    }
    CHECK(datetime_text(0) == "1970-01-01T00:00:00Z");
    CHECK(datetime_text(-1) == "1969-12-31T23:59:59.999999Z");
    CHECK(datetime_text(1'500'000) == "1970-01-01T00:00:01.5Z");
  }
}
