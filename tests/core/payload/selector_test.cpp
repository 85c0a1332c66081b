#include "core/payload/selector.hpp"

#include "read_json.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::payload;

namespace {

using mode = payload_selector::mode;

const auto* const germany = R"({"country": {"name": "Germany", "capital": "Berlin", "cities": [
  {"name": "Berlin", "population": 3.7, "sights": ["Gate", "Reichstag"]},
  {"name": "Munich", "population": 1.5, "sights": []}]}, "n": null})";

std::string selected(mode how, std::vector<std::string> paths) {
  const auto made = selection::make({how, std::move(paths)});
  REQUIRE(made.ok());
  return to_json(made->apply(read_object(germany)));
}

} // namespace

TEST_SUITE("core.payload.selector") {
  TEST_CASE("nothing and everything are what they say") {
    CHECK(selected(mode::none, {}) == "{}");
    CHECK(selected(mode::all, {}) == to_json(read_object(germany)));
    CHECK_FALSE(selection::make({})->wants_payload());
    CHECK(selection::make({mode::include, {}})->wants_payload());
  }

  TEST_CASE("include keeps the nested shape with only what was named") {
    CHECK(selected(mode::include, {"country.name", "country.capital"})
          == R"({"country":{"capital":"Berlin","name":"Germany"}})");
    CHECK(selected(mode::include, {"country.cities[].name"})
          == R"({"country":{"cities":[{"name":"Berlin"},{"name":"Munich"}]}})");
    CHECK(selected(mode::include, {"country.cities[].sights"})
          == R"({"country":{"cities":[{"sights":["Gate","Reichstag"]},{"sights":[]}]}})");
    CHECK(selected(mode::include, {"n"}) == R"({"n":null})");
    CHECK(selected(mode::include, {"absent"}) == "{}");
    CHECK(selected(mode::include, {}) == "{}");
  }

  TEST_CASE("a plain path does not enter an array, and one element is never named") {
    CHECK(selected(mode::include, {"country.cities.name"}) == R"({"country":{"cities":[]}})");
    CHECK(selected(mode::include, {"country.cities[0].name"}) == R"({"country":{"cities":[]}})");
  }

  TEST_CASE("exclude drops what was named and all below it") {
    CHECK(selected(mode::exclude, {"country.cities", "n"})
          == R"({"country":{"capital":"Berlin","name":"Germany"}})");
    CHECK(selected(mode::exclude, {"country.name", "country.capital", "country.cities[].sights",
                                   "country.cities[].population"})
          == R"({"country":{"cities":[{"name":"Berlin"},{"name":"Munich"}]},"n":null})");
    CHECK(selected(mode::exclude, {"country.cities[]", "country.name.deeper"})
          == R"({"country":{"capital":"Berlin","cities":[],"name":"Germany"},"n":null})");
    CHECK(selected(mode::exclude, {"country"}) == R"({"n":null})");
  }

  TEST_CASE("a path that does not parse is refused") {
    const auto made = selection::make({mode::include, {"a", "b["}});

    REQUIRE_FALSE(made.ok());
    CHECK(made.error() == status{errc::malformed, "Invalid json path: 'b['"});
  }
}
