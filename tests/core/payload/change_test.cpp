#include "core/payload/change.hpp"

#include "read_json.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::payload;

namespace {

const auto* const tree = R"({"a": {"b": [{"c": 1}, {"c": 2}, {"d": {"e": 3}}]}, "f": 3,
                             "g": ["g0", "g1"]})";

object merged_at(std::string_view into, std::string_view where, std::string_view changes) {
  auto changing = read_object(into);
  merge_at(changing, *path::parse(where), read_object(changes));
  return changing;
}

object erased_at(std::string_view from, std::string_view where) {
  auto changing = read_object(from);
  erase_at(changing, *path::parse(where));
  return changing;
}

} // namespace

TEST_SUITE("core.payload.change") {
  TEST_CASE("merging replaces whole members at the top level, and null removes one") {
    auto changing = read_object(R"({"a": {"x": 1}, "b": 2, "c": 3})");

    merge(changing, read_object(R"({"a": {"y": 1}, "b": null, "d": [null], "nothing": null})"));

    CHECK(changing == read_object(R"({"a": {"y": 1}, "c": 3, "d": [null]})"));
  }

  TEST_CASE("merging at a path reaches the object there, or every one of them") {
    CHECK(merged_at(R"({"k": {"a": 1, "b": 2}})", "k", R"({"b": 3, "a": null})")
          == read_object(R"({"k": {"b": 3}})"));
    CHECK(merged_at(tree, "a.b[1]", R"({"c": 5})")
          == read_object(R"({"a": {"b": [{"c": 1}, {"c": 5}, {"d": {"e": 3}}]}, "f": 3,
                             "g": ["g0", "g1"]})"));
    CHECK(merged_at(R"({"a": [{"x": {"k": 1}}, {"y": 2}]})", "a[].x", R"({"k": 7})")
          == read_object(R"({"a": [{"x": {"k": 7}}, {"x": {"k": 7}, "y": 2}]})"));
    CHECK(merged_at(tree, "a.b[1]", "{}") == read_object(tree));
  }

  TEST_CASE("merging at a path makes what is missing and replaces what does not fit") {
    CHECK(merged_at("{}", "k.l", R"({"c": 1})") == read_object(R"({"k": {"l": {"c": 1}}})"));
    CHECK(merged_at(R"({"a": 10})", "a.b.c", R"({"x": 1})")
          == read_object(R"({"a": {"b": {"c": {"x": 1}}}})"));
    CHECK(merged_at(R"({"a": [1]})", "a", R"({"x": 1})") == read_object(R"({"a": {"x": 1}})"));
    CHECK(merged_at("{}", "k.l[3]", R"({"c": 1})") == read_object(R"({"k": {"l": []}})"));
    CHECK(merged_at("{}", "k.l[].m", R"({"c": 1})") == read_object(R"({"k": {"l": []}})"));
    CHECK(merged_at(R"({"k": 5})", "k[0]", R"({"c": 1})") == read_object(R"({"k": []})"));
  }

  TEST_CASE("merging at a path twice is merging once") {
    const auto once = merged_at(tree, "a.b[].c", R"({"z": 1})");
    auto twice = once;
    merge_at(twice, *path::parse("a.b[].c"), read_object(R"({"z": 1})"));

    CHECK(once == twice);
  }

  TEST_CASE("erasing removes members, empties arrays and leaves single elements alone") {
    CHECK(erased_at(tree, "f")
          == read_object(R"({"a": {"b": [{"c": 1}, {"c": 2}, {"d": {"e": 3}}]},
                             "g": ["g0", "g1"]})"));
    CHECK(erased_at(R"({"a": [{"c": 1}, {"c": 2}]})", "a[0].c")
          == read_object(R"({"a": [{}, {"c": 2}]})"));
    CHECK(erased_at(R"({"a": [{"c": 1}, {"c": 2, "d": 3}]})", "a[].c")
          == read_object(R"({"a": [{}, {"d": 3}]})"));
    CHECK(erased_at(R"({"a": {"b": [1, 2]}})", "a.b[]") == read_object(R"({"a": {"b": []}})"));
    CHECK(erased_at(R"({"a": [1, 2]})", "a[0]") == read_object(R"({"a": [1, 2]})"));
  }

  TEST_CASE("erasing what is not there changes nothing") {
    for (const auto* where : {"x", "x.y", "f.x", "f[]", "g[].x", "g[7].x", "a[]", "a.b[9].c"}) {
      CAPTURE(where);
      CHECK(erased_at(tree, where) == read_object(tree));
    }
  }
}
