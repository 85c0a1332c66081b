#include "core/payload/posting_list.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>

using namespace grape;
using namespace grape::payload;

namespace {

std::set<std::uint32_t> members(const posting_list& of, std::size_t capacity) {
  slot_set set{capacity};
  of.add_to(set);
  std::set<std::uint32_t> found;
  set.for_each([&](slot at) { found.insert(at.value); });
  return found;
}

} // namespace

TEST_SUITE("core.payload.posting_list") {
  TEST_CASE("it holds what a set holds, thin and thick, and so do its copies of earlier moments") {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      const std::uint32_t range = seed % 2 == 0 ? 1'000 : 30'000;
      posting_list list;
      std::set<std::uint32_t> twin;
      std::vector<std::pair<posting_list, std::set<std::uint32_t>>> moments;
      for (int step = 0; step < 4'000; ++step) {
        const auto at = static_cast<std::uint32_t>(random() % range);
        if (random() % 3 == 0) {
          list.erase(slot{at});
          twin.erase(at);
        } else {
          list.insert(slot{at});
          twin.insert(at);
        }
        if (step % 1'000 == 0)
          moments.emplace_back(list, twin);
      }
      CHECK(list.count() == twin.size());
      CHECK(members(list, range) == twin);
      for (const auto& [then, known] : moments)
        CHECK(members(then, range) == known);
      for (const auto at : twin)
        list.erase(slot{at});
      CHECK(list.empty());
    }
  }

  TEST_CASE("slots beyond the capacity are left out") {
    posting_list list;
    for (std::uint32_t at = 0; at < 10'000; ++at)
      list.insert(slot{at});

    CHECK(members(list, 4'100).size() == 4'100);
    CHECK(members(list, 1).size() == 1);
    CHECK(members(list, 0).empty());
  }
}
