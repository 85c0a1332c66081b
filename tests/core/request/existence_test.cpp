#include "core/request/existence.hpp"

#include <doctest/doctest.h>

using namespace grape;

namespace {

point_id named(std::uint64_t number) {
  return point_id{number};
}

std::vector<point_id> ids(std::initializer_list<std::uint64_t> numbers) {
  std::vector<point_id> out;
  for (const auto number : numbers)
    out.emplace_back(number);
  return out;
}

} // namespace

TEST_SUITE("core.request.existence") {
  TEST_CASE("what changes points by id needs them, each once, ascending") {
    const std::vector<write_operation> operations{
      set_payload{.payload = {}, .points = ids({9, 3}), .overwrite = false, .key = {}},
      delete_payload{.keys = {"a"}, .points = ids({4})},
      clear_payload{.points = ids({3})},
      update_vectors{.points = {{named(5), {}}}},
      delete_vectors{.names = {"v"}, .points = ids({6})},
    };

    CHECK(ids_that_must_exist(operations) == ids({3, 4, 5, 6, 9}));
  }

  TEST_CASE("deleting and upserting need nothing, nor do filters") {
    const std::vector<write_operation> operations{
      delete_points{ids({1})},
      upsert_points{.points = {{named(2), {}, {}}}, .only_if = {}},
      clear_payload{payload::filter{}},
    };

    CHECK(ids_that_must_exist(operations).empty());
  }

  TEST_CASE("a point that an earlier operation creates need not exist yet") {
    const std::vector<write_operation> operations{
      clear_payload{ids({7})},
      upsert_points{.points = {{named(7), {}, {}}, {named(8), {}, {}}}, .only_if = {}},
      clear_payload{ids({8})},
    };

    CHECK(ids_that_must_exist(operations) == ids({7}));
  }
}
