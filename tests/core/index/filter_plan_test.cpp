#include "core/index/filter_plan.hpp"
#include "tests/core/index/sample.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::index;
using namespace grape::tests;

namespace {

/// A graph in which each row is linked to the next 32, around.
graph ring(std::uint32_t rows) {
  graph made;
  made.rows = rows;
  made.m = 16;
  made.links0 = hot_array<std::uint32_t>(std::size_t{rows} * made.width0());
  for (std::uint32_t row = 0; row < rows; ++row)
    for (std::uint32_t i = 0; i < made.width0(); ++i)
      made.list0(row)[i] = (row + i + 1) % rows;
  return made;
}

/// Passes the rows below `end`, of those `share`.
owned_filter below(std::uint32_t rows, std::uint32_t end, double share) {
  owned_filter filter(rows, share, 1, 3);
  for (auto row = end; row < rows; ++row)
    filter.live[row / 64] &= ~(std::uint64_t{1} << (row % 64));
  return filter;
}

} // namespace

TEST_SUITE("core.index.filter_plan") {
  TEST_CASE("a sample tells the share that passes, and is none of very few") {
    for (const double share : {1.0, 0.5, 0.2, 0.05}) {
      CAPTURE(share);
      const auto filter = below(10'000, 10'000, share);
      const auto known = sample_passing(filter.get(), 10'000);

      CHECK(known.share > 0.6 * share);
      CHECK(known.share < 1.6 * share);
      REQUIRE(!known.rows.empty());
      for (const auto row : known.rows)
        CHECK(filter.passing[row]);
      CHECK(sample_passing(filter.get(), 10'000).rows == known.rows);
    }
    const auto few = below(10'000, 10'000, 0.002);
    CHECK(sample_passing(few.get(), 10'000).rows.empty());
  }

  TEST_CASE("a scan is cheaper than a walk of few rows, and of small shares") {
    CHECK(scan_is_cheaper(0.5, 5'000, 64));
    CHECK_FALSE(scan_is_cheaper(0.5, 50'000, 64));
    CHECK(scan_is_cheaper(0.5, 50'000, 256));
    CHECK(scan_is_cheaper(0.03, 1'000'000, 64));
    CHECK_FALSE(scan_is_cheaper(0.1, 1'000'000, 64));
  }

  TEST_CASE("more candidates are kept where hardly any row passes around the query") {
    const auto links = ring(10'000);
    for (const double share : {1.0, 0.5, 0.1}) {
      CAPTURE(share);
      const auto filter = below(10'000, 5'000, share);
      const auto ef_at = [&](std::uint32_t near, std::size_t k) {
        return ef_under_filter(links, filter.get(), share / 2, near, k, 64);
      };

      CHECK(ef_at(100, 10) == 64);
      CHECK(ef_at(100, 500) == 64);
      CHECK(ef_at(7'000, 10) == 256);
      CHECK(ef_at(7'000, 500) == 256);
      CHECK(ef_at(9'985, 10) == 64); // What passes begins in sight.
    }
    const auto none = below(10'000, 5'000, 0.5);
    CHECK(ef_under_filter(links, none.get(), 0.25, 7'000, 10, 4'000) == 10'000);
    CHECK(ef_under_filter(links, none.get(), 0.25, 7'000, 10, 0xffff'ffff) == 10'000);
  }
}
