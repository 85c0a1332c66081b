#include "core/payload/describe.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::payload;

namespace {

condition where(std::string key, field_test test) {
  return {field_condition{std::move(key), {std::move(test)}}};
}

} // namespace

TEST_SUITE("core.payload.describe") {
  TEST_CASE("a filter reads as one line") {
    filter wanted;
    CHECK(describe(wanted) == "everything");

    wanted.must.push_back(where("city", match_value{"Berlin"}));
    wanted.must.push_back(
      where("price", number_range{.lt = 10.5, .gt = {}, .lte = {}, .gte = 1.0}));
    CHECK(describe(wanted) == R"(city = "Berlin" and price >= 1.0 and price < 10.5)");

    wanted.must_not.push_back(where("tag", empty_test{}));
    CHECK(describe(wanted)
          == R"(city = "Berlin" and price >= 1.0 and price < 10.5 and not tag is empty)");
  }

  TEST_CASE("clauses, ids, vectors and nested filters say how they combine") {
    filter wanted;
    wanted.should = {{has_id{{point_id{1}, point_id{2}}}}, {has_vector{"image"}}};
    CHECK(describe(wanted) == R"((id in [1, 2] or has vector "image"))");

    filter inner;
    inner.must.push_back(where("n", null_test{false}));
    wanted = {};
    wanted.must_not = {{nested{"a", inner}}, {filter{}}};
    wanted.at_least = min_should{{where("b", match_value{true})}, 2};
    CHECK(describe(wanted)
          == "none of (some element of a has (n is not null), (everything)) and at least 2 of "
             "(b = true)");
  }

  TEST_CASE("a long list is cut") {
    filter wanted;
    wanted.must.push_back(where("n", match_any{std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7}}));

    CHECK(describe(wanted) == "n in [1, 2, 3, 4, 5, and 2 more]");
  }
}
