#include "core/payload/path.hpp"

#include "read_json.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::payload;

namespace {

path path_of(std::string_view text) {
  auto parsed = path::parse(text);
  REQUIRE(parsed.ok());
  return *parsed;
}

std::string found(const object& in, std::string_view at) {
  array all;
  visit_values(in, path_of(at), [&](const value& v) {
    all.push_back(v);
    return true;
  });
  return to_json(value{all});
}

} // namespace

TEST_SUITE("core.payload.path") {
  TEST_CASE("a path has at most 128 steps and 4,096 bytes") {
    const auto chain = [](std::size_t steps) {
      std::string text = "a";
      for (std::size_t i = 1; i < steps; ++i)
        text += ".a";
      return text;
    };

    CHECK(path::parse(chain(128)).ok());
    CHECK(path::parse(chain(129)).error().detail
          == "Invalid json path: it has more than 128 steps");
    CHECK(path::parse(std::string(4'096, 'a')).ok());
    CHECK(path::parse(std::string(4'097, 'a')).error().detail
          == "Invalid json path: it is longer than 4096 bytes");
  }

  TEST_CASE("a path reads back as it was written, quoted only where it must be") {
    for (const auto* text : {"a", "foo-bar_9", "a.b", "a[]", "a[0]", "a[].b[3].c", "größe.x",
                             "\"a b\".c", "\"\"", "a.\"b.c[]\""}) {
      CAPTURE(text);
      CHECK(path_of(text).text() == text);
    }
    CHECK(path_of("\"a\".\"b\"[007]").text() == "a.b[7]");
    CHECK(path_of("foo[1][50].bar-baz[].\"qux[.]quux\"").steps().size() == 6);
  }

  TEST_CASE("what is no path is refused with the text clients know") {
    for (const auto* text : {"", ".", "a.", ".a", "a..b", "[0]", "a[", "a[x]", "a[-1]", "a[1",
                             "a b", "a]", "\"a", "\"a\\\"b\"", "a[99999999999999999999]", "a$"}) {
      CAPTURE(text);
      const auto parsed = path::parse(text);
      REQUIRE_FALSE(parsed.ok());
      CHECK(parsed.error()
            == status{errc::malformed, "Invalid json path: '" + std::string(text) + "'"});
    }
  }

  TEST_CASE("values are found where the path leads, in document order") {
    const auto in = read_object(R"({"a": {"b": [1, [2, 3], {"c": 4}, {"c": [5, 6]}, null]},
                                    "n": null, "e": []})");

    CHECK(found(in, "a.b[0]") == "[1]");
    CHECK(found(in, "a.b[]") == R"([1,[2,3],{"c":4},{"c":[5,6]},null])");
    CHECK(found(in, "a.b[].c") == "[4,[5,6]]");
    CHECK(found(in, "a.b[][]") == "[2,3]");
    CHECK(found(in, "n") == "[null]");
    CHECK(found(in, "e") == "[[]]");
  }

  TEST_CASE("a path that does not fit the tree finds nothing") {
    const auto in = read_object(R"({"a": [{"b": 1}], "s": "text", "e": []})");

    for (const auto* at : {"x", "a.b", "a[1]", "s[]", "s.t", "s[0]", "e[]", "a[0].b.c"}) {
      CAPTURE(at);
      CHECK(found(in, at) == "[]");
    }
  }

  TEST_CASE("paths are joined as they are walked") {
    CHECK(path_of("a.b").with_every_element() == path_of("a.b[]"));
    CHECK(path_of("a.b[]").with_every_element() == path_of("a.b[]"));
    CHECK(path_of("a[]").followed_by(path_of("b[0].c")) == path_of("a[].b[0].c"));
  }
}
