#include "core/client/places.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <random>
#include <string>
#include <vector>

using namespace grape;
using namespace grape::client;

namespace {

constexpr places_options few{
    .all_max = 8, .of_one_max = 6, .waiting_max = 4, .waiting_of_one_max = 3, .waiting_ms_max = 10};

std::size_t let_in(places& all, const std::string& sender, std::size_t knocks, bool attach) {
  std::size_t inside = 0;
  for (std::size_t i = 0; i < knocks; ++i)
    if (const auto place = all.enter(sender, 0)) {
      ++inside;
      if (attach)
        CHECK(all.attach(*place, 0));
    }
  return inside;
}

} // namespace

TEST_SUITE("core.client.places") {
  TEST_CASE("one sender gets only so many places, whether it uses them or not") {
    places all{few};
    CHECK(let_in(all, "a", 10, false) == 3);
    places used{few};
    CHECK(let_in(used, "a", 10, true) == 6);
    CHECK(used.enter("a", 0).error()
          == status{errc::overloaded, "as many clients as one process may have"});
    CHECK(used.enter("b", 0).ok());
  }

  TEST_CASE("who knocks and says nothing loses the place, who says something keeps it") {
    places all{few};
    const auto silent = *all.enter("a", 0);
    const auto good = *all.enter("b", 0);
    CHECK(all.attach(good, 9));
    CHECK(all.is_kept(silent, 9));
    CHECK_FALSE(all.is_kept(silent, 10));
    CHECK_FALSE(all.attach(silent, 10));
    CHECK(all.is_kept(good, 1'000'000));
    all.leave(good);
    CHECK_FALSE(all.is_kept(good, 1'000'000));
    CHECK(all.size() == 0);
  }

  TEST_CASE("a newcomer takes the oldest place of whoever knocked most and attached least") {
    places all{few};
    const auto oldest = *all.enter("a", 0);
    REQUIRE(let_in(all, "a", 9, false) == 2);
    REQUIRE(all.enter("b", 0).ok());
    const auto good = all.enter("c", 0); // Four wait.
    REQUIRE(good.ok());
    CHECK(all.is_kept(*good, 0));
    CHECK_FALSE(all.is_kept(oldest, 0));
    CHECK(all.enter("a", 0).error().code == errc::overloaded); // Nobody has more than it.
  }

  TEST_CASE("whoever uses a place is never put out, and no limit is passed") {
    std::mt19937 random{11};
    for (int round = 0; round < 300; ++round) {
      places all{few};
      std::vector<place_number> used;
      std::vector<place_number> waiting;
      std::uint64_t now = 0;
      for (int step = 0; step < 200; ++step) {
        now += random() % 3;
        if (random() % 4 == 0 && !waiting.empty()) {
          const auto at = waiting.begin() + static_cast<std::ptrdiff_t>(random() % waiting.size());
          const auto which = *at;
          waiting.erase(at);
          const auto was_kept = all.is_kept(which, now);
          REQUIRE(all.attach(which, now) == was_kept);
          if (was_kept)
            used.push_back(which);
        } else if (random() % 6 == 0 && !used.empty()) {
          all.leave(used.back());
          used.pop_back();
        } else if (const auto place = all.enter("s" + std::to_string(random() % 5), now)) {
          waiting.push_back(*place);
        }
        REQUIRE(all.size() <= few.all_max);
        for (const auto which : used)
          REQUIRE(all.is_kept(which, now));
      }
    }
  }
}
