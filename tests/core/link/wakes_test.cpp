#include "core/link/wakes.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

using namespace grape;

TEST_SUITE("core.link.wakes") {
  TEST_CASE("the earliest of what there is") {
    link::earliest of;
    CHECK_FALSE(of.get().has_value());
    of.take(std::nullopt);
    of.take(7);
    of.take(9);
    of.take(std::nullopt);
    CHECK(of.get() == 7);
  }

  TEST_CASE("an earlier wake-up that is under way will do, a later one will not") {
    link::wakes all;
    CHECK(all.after(std::nullopt, 100) == std::nullopt);
    CHECK(all.after(150, 100) == 50);
    CHECK(all.after(160, 100) == std::nullopt);
    CHECK(all.after(120, 100) == 20);
    CHECK(all.after(90, 100) == 1); // What is due already, soon.
    all.came();
    CHECK(all.after(110, 101) == 9);
  }

  TEST_CASE("nothing that is due is ever slept over, and nobody is woken in a crowd") {
    std::mt19937 random{7};
    for (int round = 0; round < 200; ++round) {
      link::wakes all;
      std::vector<std::uint64_t> rings; // As a clock keeps them.
      std::uint64_t due = 0;
      for (std::uint64_t now = 1; now < 500; ++now) {
        while (!rings.empty() && rings.front() <= now) {
          rings.erase(rings.begin());
          all.came();
          if (due != 0 && due <= now)
            due = 0;
        }
        if (due == 0 && random() % 3 == 0)
          due = now + random() % 40;
        if (const auto wait = all.after(due == 0 ? std::nullopt : std::optional{due}, now)) {
          REQUIRE(*wait > 0);
          rings.push_back(now + *wait);
          std::sort(rings.begin(), rings.end());
        }
        if (due != 0)
          REQUIRE(rings.front() <= std::max(due, now + 1));
      }
    }
  }
}
