#include "core/payload/evaluate.hpp"

#include "read_json.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::payload;

namespace {

using texts = std::vector<std::string>;
using integers = std::vector<std::int64_t>;

bool holds(std::string_view document, std::string key, field_test test) {
  return matches(field_condition{std::move(key), {std::move(test)}}, read_object(document));
}

bool holds(std::string_view document, const filter& wanted) {
  return matches(wanted, point_id{7}, read_object(document),
                 [](std::string_view name) { return name == "image"; });
}

condition where(std::string key, field_test test) {
  return {field_condition{std::move(key), {std::move(test)}}};
}

condition in_elements(std::string key, filter inner) {
  return {nested{std::move(key), std::move(inner)}};
}

number_range at_least(double bound) {
  return {.lt = {}, .gt = {}, .lte = {}, .gte = bound};
}

number_range below(double bound) {
  return {.lt = bound, .gt = {}, .lte = {}, .gte = {}};
}

} // namespace

TEST_SUITE("core.payload.evaluate") {
  TEST_CASE("a match is typed: bools, integers and strings equal only their own kind") {
    CHECK(holds(R"({"a": 5})", "a", match_value{std::int64_t{5}}));
    CHECK(holds(R"({"a": true})", "a", match_value{true}));
    CHECK(holds(R"({"a": "5"})", "a", match_value{std::string("5")}));

    CHECK_FALSE(holds(R"({"a": 5.0})", "a", match_value{std::int64_t{5}}));
    CHECK_FALSE(holds(R"({"a": "5"})", "a", match_value{std::int64_t{5}}));
    CHECK_FALSE(holds(R"({"a": 5})", "a", match_value{std::string("5")}));
    CHECK_FALSE(holds(R"({"a": 1})", "a", match_value{true}));
    CHECK_FALSE(holds(R"({"a": 18446744073709551615})", "a", match_value{std::int64_t{-1}}));
    CHECK_FALSE(holds(R"({"a": null})", "a", match_value{false}));
    CHECK_FALSE(holds("{}", "a", match_value{false}));
  }

  TEST_CASE("an array at the end of the path is looked into, one level deep") {
    CHECK(holds(R"({"city": ["Berlin", "London"]})", "city", match_value{std::string("London")}));
    CHECK(holds(R"({"city": ["Berlin", "London"]})", "city[]", match_value{std::string("London")}));
    CHECK(holds(R"({"city": [["London"]]})", "city[]", match_value{std::string("London")}));
    CHECK_FALSE(holds(R"({"city": [["London"]]})", "city", match_value{std::string("London")}));
    CHECK_FALSE(holds(R"({"city": "London"})", "city[]", match_value{std::string("London")}));
    CHECK_FALSE(holds(R"({"a": [{"b": 1}]})", "a.b", match_value{std::int64_t{1}}));
    CHECK(holds(R"({"a": [{"b": 1}, {"b": 2}]})", "a[].b", match_value{std::int64_t{2}}));
  }

  TEST_CASE("any finds nothing in an empty list") {
    CHECK(holds(R"({"a": "y"})", "a", match_any{texts{"x", "y"}}));
    CHECK(holds(R"({"a": [9, 2]})", "a", match_any{integers{1, 2}}));
    CHECK_FALSE(holds(R"({"a": 2.0})", "a", match_any{integers{1, 2}}));
    CHECK_FALSE(holds(R"({"a": "x"})", "a", match_any{texts{}}));
    CHECK_FALSE(holds(R"({"a": 1})", "a", match_any{texts{"1"}}));
  }

  TEST_CASE("except wants some value outside the list, whatever its type, but not null") {
    CHECK(holds(R"({"a": ["x", "z"]})", "a", match_except{texts{"x"}}));
    CHECK(holds(R"({"a": 1})", "a", match_except{texts{"1"}}));
    CHECK(holds(R"({"a": 1.0})", "a", match_except{integers{1}}));
    CHECK(holds(R"({"a": {"b": 1}})", "a", match_except{integers{1}}));
    CHECK(holds(R"({"a": [["x"]]})", "a", match_except{texts{"x"}}));
    CHECK(holds(R"({"a": true})", "a", match_except{texts{}}));

    CHECK_FALSE(holds(R"({"a": ["x", "x"]})", "a", match_except{texts{"x"}}));
    CHECK_FALSE(holds(R"({"a": null})", "a", match_except{texts{}}));
    CHECK_FALSE(holds(R"({"a": [null]})", "a", match_except{integers{1}}));
    CHECK_FALSE(holds(R"({"a": []})", "a", match_except{integers{}}));
    CHECK_FALSE(holds("{}", "a", match_except{integers{}}));
  }

  TEST_CASE("a range spans integers and floats and keeps each bound open or closed") {
    for (const auto* five : {R"({"a": 5})", R"({"a": 5.0})", R"({"a": ["x", 5]})"}) {
      CAPTURE(five);
      CHECK(holds(five, "a", at_least(5)));
      CHECK(holds(five, "a", number_range{.lt = 5.5, .gt = 4.5, .lte = {}, .gte = {}}));
      CHECK(holds(five, "a", number_range{.lt = {}, .gt = {}, .lte = 5.0, .gte = {}}));
      CHECK(holds(five, "a", number_range{}));
      CHECK_FALSE(holds(five, "a", below(5)));
      CHECK_FALSE(holds(five, "a", number_range{.lt = {}, .gt = 5.0, .lte = {}, .gte = {}}));
    }
    CHECK(holds(R"({"a": 18446744073709551615})", "a", at_least(1.8e19)));
    CHECK_FALSE(holds(R"({"a": "5"})", "a", at_least(0)));
    CHECK_FALSE(holds(R"({"a": null})", "a", number_range{}));
    // One value must keep all bounds; two that keep one each do not.
    const number_range between{.lt = 8.0, .gt = 2.0, .lte = {}, .gte = {}};
    CHECK_FALSE(holds(R"({"a": [1, 9]})", "a", between));
  }

  TEST_CASE("empty is missing, null or an empty array") {
    for (const auto* empty : {"{}", R"({"city": null})", R"({"city": []})"}) {
      CAPTURE(empty);
      CHECK(holds(empty, "city", empty_test{true}));
      CHECK_FALSE(holds(empty, "city", empty_test{false}));
    }
    for (const auto* filled : {R"({"city": "x"})", R"({"city": [null]})", R"({"city": {}})",
                               R"({"city": false})", R"({"city": ["a", "b"]})"}) {
      CAPTURE(filled);
      CHECK_FALSE(holds(filled, "city", empty_test{true}));
      CHECK(holds(filled, "city", empty_test{false}));
    }
    CHECK(holds(R"({"a": [{"b": null}, {"b": []}, {}]})", "a[].b", empty_test{true}));
    CHECK_FALSE(holds(R"({"a": [{"b": null}, {"b": 1}]})", "a[].b", empty_test{true}));
  }

  TEST_CASE("null is a null that is there, also inside an array; missing is not null") {
    CHECK(holds(R"({"city": null})", "city", null_test{true}));
    CHECK(holds(R"({"city": ["x", null]})", "city", null_test{true}));
    CHECK(holds(R"({"city": [null]})", "city[]", null_test{true}));
    for (const auto* other : {"{}", R"({"city": []})", R"({"city": "x"})", R"({"city": {}})"}) {
      CAPTURE(other);
      CHECK_FALSE(holds(other, "city", null_test{true}));
      CHECK(holds(other, "city", null_test{false}));
      CHECK_FALSE(holds(other, "city[]", null_test{true}));
      CHECK(holds(other, "city[]", null_test{false}));
    }
    CHECK_FALSE(holds(R"({"city": null})", "city[]", null_test{true}));
  }

  TEST_CASE("several tests in one condition are alternatives") {
    const field_condition wanted{"a", {match_value{std::int64_t{1}}, at_least(5), empty_test{}}};

    CHECK(matches(wanted, read_object(R"({"a": 1})")));
    CHECK(matches(wanted, read_object(R"({"a": 6})")));
    CHECK(matches(wanted, read_object("{}")));
    CHECK_FALSE(matches(wanted, read_object(R"({"a": 3})")));
  }

  TEST_CASE("clauses are joined, and an empty clause is no clause") {
    filter wanted;
    CHECK(holds("{}", wanted));

    wanted.should = {where("a", match_value{std::int64_t{1}}), {has_id{{point_id{7}}}}};
    CHECK(holds(R"({"a": 2})", wanted));

    wanted.must_not = {where("a", match_value{std::int64_t{2}})};
    CHECK_FALSE(holds(R"({"a": 2})", wanted));
    CHECK(holds("{}", wanted)); // A missing field is not equal to anything.

    wanted.must = {{has_vector{"image"}}, {filter{}}};
    CHECK(holds("{}", wanted));
    wanted.must.push_back({has_vector{"text"}});
    CHECK_FALSE(holds("{}", wanted));
  }

  TEST_CASE("at least so many of the conditions must hold") {
    filter wanted;
    wanted.at_least = min_should{{where("city", match_any{texts{"Berlin", "Moscow"}}),
                                  where("color", match_value{std::string("red")}),
                                  where("count", match_value{std::int64_t{0}})},
                                 2};

    CHECK(holds(R"({"city": "Berlin", "color": "red"})", wanted));
    CHECK(holds(R"({"city": "Seoul", "color": "red", "count": 0})", wanted));
    CHECK_FALSE(holds(R"({"city": ["Berlin", "Moscow"], "color": "blue"})", wanted));
    wanted.at_least->min_count = 4;
    CHECK_FALSE(holds(R"({"city": "Berlin", "color": "red", "count": 0})", wanted));
    wanted.at_least = min_should{{}, 1};
    CHECK_FALSE(holds("{}", wanted));
  }

  TEST_CASE("nested asks one element for everything") {
    const auto* document = R"({"cities": [{"name": "Paris", "population": 2.2, "sights": 4},
                                          {"name": "Lyon", "population": 0.5, "sights": 2},
                                          "not an object"]})";
    filter inner;
    inner.must = {where("population", at_least(2)), where("sights", at_least(4))};
    for (const auto* key : {"cities", "cities[]"})
      CHECK(holds(document, filter{{in_elements(key, inner)}, {}, {}, {}}));

    inner.must[1] = where("sights", below(4));
    CHECK_FALSE(holds(document, filter{{in_elements("cities", inner)}, {}, {}, {}}));

    inner = {};
    inner.must_not = {where("population", below(1))};
    CHECK(holds(document, filter{{in_elements("cities", inner)}, {}, {}, {}}));
    CHECK_FALSE(holds(R"({"cities": {"population": 5}})",
                      filter{{in_elements("cities", inner)}, {}, {}, {}}));
    CHECK_FALSE(holds(R"({"cities": [1, "x"]})",
                      filter{{in_elements("cities", filter{})}, {}, {}, {}}));
  }

  TEST_CASE("ids and vectors are not known inside nested") {
    const auto* document = R"({"a": [{"b": 1}]})";
    filter inner;
    inner.must = {{has_id{{point_id{7}}}}};
    CHECK_FALSE(holds(document, filter{{in_elements("a", inner)}, {}, {}, {}}));
    inner.must = {{has_vector{"image"}}};
    CHECK_FALSE(holds(document, filter{{in_elements("a", inner)}, {}, {}, {}}));
    inner.must_not = std::move(inner.must);
    inner.must.clear();
    CHECK(holds(document, filter{{in_elements("a", inner)}, {}, {}, {}}));
  }

  TEST_CASE("a path that does not parse is a field that nobody has") {
    CHECK_FALSE(holds(R"({"a": 1})", "a[", number_range{}));
    CHECK(holds(R"({"a": 1})", "a[", empty_test{true}));
    CHECK(holds(R"({"a": 1})", "a[", null_test{false}));
    CHECK_FALSE(holds(R"({"a": [{}]})", filter{{in_elements("a[x", filter{})}, {}, {}, {}}));
  }
}
