#include "core/link/pinging.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace grape;

namespace {

constexpr link::ping_options options{.quiet_us = 1'000, .sample_us = 10'000, .samples_max = 4};

TEST_SUITE("core.link.pinging") {
  TEST_CASE("a peer that was not heard for a while is pinged, and not again at once") {
    link::pinging pings{options, 100};

    CHECK(pings.wake_us() == 1'100);
    CHECK_FALSE(pings.due(1'099).has_value());
    CHECK(pings.due(1'100) == 1);
    CHECK_FALSE(pings.due(2'099).has_value());
    CHECK(pings.due(2'100) == 2);
    CHECK(pings.wake_us() == 3'100);
  }

  TEST_CASE("silence is counted from what was heard last") {
    link::pinging pings{options, 1'000};
    CHECK(pings.silence_us(1'500) == 500);
    pings.heard(1'600);
    CHECK(pings.silence_us(1'700) == 100);
  }

  TEST_CASE("whoever is heard is pinged only to measure a round trip") {
    link::pinging pings{options, 0};
    std::uint64_t sent = 0;
    for (std::uint64_t now_us = 0; now_us <= 100'000; now_us += 100) {
      pings.heard(now_us);
      if (const auto number = pings.due(now_us)) {
        ++sent;
        pings.answered(*number, now_us + 50);
      }
    }
    CHECK(sent == 9); // 10'000, then each 10'050 rounded up to the next 100.
  }

  TEST_CASE("two idle sides ping one at a time: who is pinged hears") {
    link::pinging one{options, 0};
    link::pinging other{options, 500};
    int sent_by_one = 0;
    int sent_by_other = 0;
    for (std::uint64_t now_us = 0; now_us < 9'000; now_us += 100) {
      if (const auto number = one.due(now_us)) {
        ++sent_by_one;
        other.heard(now_us);
        one.heard(now_us);
        one.answered(*number, now_us);
      }
      if (const auto number = other.due(now_us)) {
        ++sent_by_other;
        one.heard(now_us);
        other.heard(now_us);
        other.answered(*number, now_us);
      }
    }
    CHECK(sent_by_one + sent_by_other == 8);
  }

  TEST_CASE("round trips are smoothed by an eighth, and the least of the last few is known") {
    link::pinging pings{options, 0};
    CHECK_FALSE(pings.smoothed_us().has_value());
    CHECK_FALSE(pings.min_us().has_value());

    std::uint64_t now_us = 0;
    const auto takes = [&](std::uint64_t round_trip_us) {
      const auto number = pings.due(now_us += 100'000);
      REQUIRE(number.has_value());
      pings.answered(*number, now_us + round_trip_us);
    };
    takes(80);
    CHECK(*pings.smoothed_us() == doctest::Approx(80));
    takes(160);
    CHECK(*pings.smoothed_us() == doctest::Approx(90));
    CHECK(*pings.min_us() == 80);
    for (int i = 0; i < 4; ++i)
      takes(200);
    CHECK(*pings.smoothed_us() == doctest::Approx(200 - 110 * std::pow(7.0 / 8, 4)));
    CHECK(*pings.min_us() == 200); // The route is another one: four samples ago it was shorter.
  }

  TEST_CASE("an answer counts once, late ones too, and unknown ones never") {
    link::pinging pings{options, 0};
    CHECK(pings.due(1'000) == 1);
    CHECK(pings.due(2'000) == 2);

    pings.answered(1, 3'500); // Longer under way than the next ping waited.
    CHECK(*pings.smoothed_us() == doctest::Approx(2'500));
    pings.answered(1, 9'000);
    pings.answered(0, 9'000);
    pings.answered(3, 9'000);
    CHECK(*pings.smoothed_us() == doctest::Approx(2'500));
    pings.answered(2, 4'500);
    CHECK(*pings.min_us() == 2'500);
  }

  TEST_CASE("pings that nobody answers are forgotten, but for the latest few") {
    link::pinging pings{options, 0};
    std::uint64_t now_us = 0;
    for (int i = 0; i < 1'000; ++i)
      REQUIRE(pings.due(now_us += 1'000).has_value());

    pings.answered(992, now_us);
    CHECK_FALSE(pings.smoothed_us().has_value());
    pings.answered(993, now_us);
    CHECK(*pings.smoothed_us() == doctest::Approx(7'000));
  }
}

} // namespace
