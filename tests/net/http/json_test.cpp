#include "net/http/json.hpp"
#include "net/http/json_writer.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::http;

namespace {

std::string printed(const json::value& value) {
  json_writer out;
  out.tree(value.tree());
  return std::move(out).take();
}

} // namespace

TEST_SUITE("net.http.json") {
  TEST_CASE("a tree of every kind survives reading and printing") {
    std::string text = R"({"a":[1,-1,18446744073709551615,5.0,1e300,"ü\n",true,null,{}],"b":{}})";

    const auto document = json::document::parse(text);

    REQUIRE(document.ok());
    CHECK(printed(document->root())
          == R"({"a":[1,-1,18446744073709551615,5.0,1e+300,"ü\n",true,null,{}],"b":{}})");
  }

  TEST_CASE("of a member given twice the last one counts") {
    std::string text = R"({"a":1,"b":2,"a":3})";

    const auto document = json::document::parse(text);

    REQUIRE(document.ok());
    REQUIRE(document->root().find("a").has_value());
    CHECK(document->root().find("a")->integer() == 3);
    CHECK(printed(document->root()) == R"({"a":3,"b":2})");
  }

  TEST_CASE("nesting is allowed up to the limit and refused beyond it") {
    const auto nested = [](std::size_t depth) {
      return std::string(depth, '[') + std::string(depth, ']');
    };
    auto deep = nested(json::document::depth_max - 1);
    auto too_deep = nested(json::document::depth_max + 1);
    auto far_too_deep = nested(1'000'000);

    CHECK(json::document::parse(deep).ok());
    CHECK_FALSE(json::document::parse(too_deep).ok());
    CHECK_FALSE(json::document::parse(far_too_deep).ok());
  }

  TEST_CASE("floats are read in one go up to the first that is none") {
    const auto read = [](std::string text) {
      const auto document = json::document::parse(text);
      REQUIRE(document.ok());
      std::vector<float> out;
      const auto bad = document->root().read_floats(out);
      return std::pair{out, bad};
    };

    CHECK(read("[1, 0.15, -2e3]") == std::pair{std::vector{1.0F, 0.15F, -2000.0F},
                                               std::optional<std::size_t>{}});
    CHECK(read("[1, \"x\", 2]").second == std::optional<std::size_t>{1});
    CHECK(read("[1, 2, 1e39]").second == std::optional<std::size_t>{2});
    CHECK(read("[]") == std::pair{std::vector<float>{}, std::optional<std::size_t>{}});
  }

  TEST_CASE("a body larger than the parser keeps is read like any other, twice") {
    for (int round = 0; round < 2; ++round) {
      std::string text = "[0";
      for (int i = 1; i < 400'000; ++i)
        text += "," + std::to_string(i);
      text += "]";

      const auto document = json::document::parse(text);

      REQUIRE(document.ok());
      std::size_t count = 0;
      document->root().each_item([&](json::value item) {
        return item.integer() == static_cast<std::int64_t>(count++);
      });
      CHECK(count == 400'000);
    }
  }
}
