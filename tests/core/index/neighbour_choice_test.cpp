#include "core/index/neighbour_choice.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

using namespace grape;

namespace {

/// Rows in a plane.
struct plane {
  std::vector<std::pair<float, float>> rows;

  float operator()(std::uint32_t a, std::uint32_t b) const {
    return std::hypot(rows[a].first - rows[b].first, rows[a].second - rows[b].second);
  }

  index::neighbour of_row_0(std::uint32_t row, bool settled) const {
    return {(*this)(0, row), row, settled};
  }
};

plane random_plane(std::mt19937& random, std::size_t count) {
  std::uniform_real_distribution<float> anywhere(-1, 1);
  plane made;
  for (std::size_t i = 0; i < count; ++i)
    made.rows.emplace_back(anywhere(random), anywhere(random));
  return made;
}

void sort(std::vector<index::neighbour>& all) {
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.distance < b.distance; });
}

std::vector<std::uint32_t> rows_of(const std::vector<index::neighbour>& all) {
  std::vector<std::uint32_t> rows;
  for (const auto& one : all)
    rows.push_back(one.row);
  return rows;
}

} // namespace

TEST_SUITE("core.index.neighbour_choice") {
  TEST_CASE("of neighbours in one direction the nearest stays") {
    const plane at{{{0, 0}, {1, 0}, {2, 0.1f}, {0, 3}, {-4, 0}}};
    std::vector<index::neighbour> all;
    for (std::uint32_t row = 1; row < 5; ++row)
      all.push_back(at.of_row_0(row, false));

    auto two = all;
    index::keep_diverse(all, 8, at);
    index::keep_diverse(two, 2, at);

    CHECK(rows_of(all) == std::vector<std::uint32_t>{1, 3, 4});
    CHECK(rows_of(two) == std::vector<std::uint32_t>{1, 3});
  }

  TEST_CASE("what was settled need not be compared again, whatever comes in between") {
    std::mt19937 random(2);
    for (int round = 0; round < 300; ++round) {
      CAPTURE(round);
      const auto at = random_plane(random, 60);
      std::vector<index::neighbour> links;
      for (std::uint32_t row = 1; row < 30; ++row)
        links.push_back(at.of_row_0(row, false));
      sort(links);
      index::keep_diverse(links, 12, at);
      for (auto& one : links)
        one.settled = true;
      for (std::uint32_t row = 30; row < 40u + static_cast<std::uint32_t>(round % 20); ++row)
        links.push_back(at.of_row_0(row, false));
      sort(links);
      auto afresh = links;
      for (auto& one : afresh)
        one.settled = false;

      index::keep_diverse(links, 12, at);
      index::keep_diverse(afresh, 12, at);

      CHECK(rows_of(links) == rows_of(afresh));
    }
  }
}
