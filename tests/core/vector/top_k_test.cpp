#include "core/vector/top_k.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

using namespace grape;

namespace {

struct item {
  float distance = 0;
  int where = 0;

  friend bool operator==(const item&, const item&) = default;
};

} // namespace

TEST_SUITE("core.vector.top_k") {
  TEST_CASE("it keeps what sorting everything would put first, ties by place") {
    std::mt19937 random(5);
    for (int round = 0; round < 200; ++round) {
      std::vector<item> all;
      for (int i = 0; i < round; ++i)
        all.push_back({static_cast<float>(random() % 20), i});
      std::shuffle(all.begin(), all.end(), random);
      top_k<item> best(round % 13);

      for (const auto& one : all)
        best.offer(one);

      std::sort(all.begin(), all.end(), [](const item& a, const item& b) {
        return std::pair(a.distance, a.where) < std::pair(b.distance, b.where);
      });
      all.resize(std::min<std::size_t>(all.size(), round % 13));
      CHECK(best.take() == all);
    }
  }

  TEST_CASE("what is not a number comes last") {
    top_k<item> best(2);

    best.offer({NAN, 1});
    best.offer({5, 2});
    best.offer({NAN, 0});

    const auto kept = best.take();
    REQUIRE(kept.size() == 2);
    CHECK(kept[0] == item{5, 2});
    CHECK(kept[1].where == 0);
  }

  TEST_CASE("the bound is what a newcomer has to beat") {
    top_k<item> best(2);
    CHECK(best.bound() == INFINITY);

    best.offer({3, 0});
    best.offer({1, 1});

    CHECK(best.bound() == 3);
    CHECK(top_k<item>(0).bound() == -INFINITY);
  }
}
