#include "core/payload/slice.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::payload;

TEST_SUITE("core.payload.slice") {
  // Reference: SipHash-2-4 in Python, itself checked with the vector of the paper's appendix A.
  TEST_CASE("the slice of an id never changes") {
    CHECK(is_in({1'000, 119}, point_id{0}));
    CHECK(is_in({1'000, 398}, point_id{1}));
    CHECK(is_in({1'000, 200}, point_id{7}));
    CHECK(is_in({1'000, 430}, point_id{UINT64_MAX}));
    CHECK(is_in({1'000, 868}, *point_id::parse_uuid("550e8400-e29b-41d4-a716-446655440000")));
  }

  TEST_CASE("every point is in exactly one of the slices, and they are about equally large") {
    constexpr std::uint64_t total = 5;
    for (std::uint64_t index = 0, found = 0; index < total; ++index, found = 0) {
      for (std::uint64_t id = 0; id < 10'000; ++id)
        found += is_in({total, index}, point_id{id}) ? 1 : 0;
      CHECK(found > 1'850);
      CHECK(found < 2'150);
    }
    for (std::uint64_t id = 0; id < 1'000; ++id) {
      int slices = 0;
      for (std::uint64_t index = 0; index < total; ++index)
        slices += is_in({total, index}, point_id{id}) ? 1 : 0;
      REQUIRE(slices == 1);
    }
  }
}
