#include "net/http/json_writer.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace grape;
using namespace grape::http;

namespace {

template <class Write>
std::string written(Write&& write) {
  json_writer out;
  write(out);
  return std::move(out).take();
}

} // namespace

TEST_SUITE("net.http.json_writer") {
  TEST_CASE("a float32 is the shortest decimal that reads back as the same float32") {
    const std::pair<float, const char*> cases[] = {
      {0.15F, "0.15"},       {0.1F, "0.1"},           {1.0F, "1.0"},
      {-2.5F, "-2.5"},       {16777216.0F, "16777216.0"}, {1e20F, "1e+20"},
      {1.1920929e-7F, "1.1920929e-07"}, {-0.0F, "-0.0"}};

    for (const auto& [value, text] : cases)
      CHECK(written([&, v = value](auto& out) { out.number(v); }) == text);
  }

  TEST_CASE("an integer and a float stay what they are, to the last digit") {
    const payload::value integer{std::int64_t{5}};
    const payload::value floating{5.0};
    const payload::value big{std::numeric_limits<std::uint64_t>::max()};
    const payload::value least{std::numeric_limits<std::int64_t>::min()};

    CHECK(written([&](auto& out) { out.tree(integer); }) == "5");
    CHECK(written([&](auto& out) { out.tree(floating); }) == "5.0");
    CHECK(written([&](auto& out) { out.tree(big); }) == "18446744073709551615");
    CHECK(written([&](auto& out) { out.tree(least); }) == "-9223372036854775808");
  }

  TEST_CASE("what JSON cannot say becomes null") {
    CHECK(written([](auto& out) { out.number(std::numeric_limits<double>::infinity()); })
          == "null");
    CHECK(written([](auto& out) { out.number(std::numeric_limits<float>::quiet_NaN()); })
          == "null");
  }

  TEST_CASE("text is escaped as little as JSON allows") {
    const std::string text{"a\"b\\c\n\t\r\0\x1f/ü", 13};

    CHECK(written([&](auto& out) { out.text(text); })
          == "\"a\\\"b\\\\c\\n\\t\\r\\u0000\\u001f/ü\"");
  }

  TEST_CASE("containers get their commas, at every depth") {
    const auto text = written([](auto& out) {
      out.open_object().key("a").open_array().whole(1).open_array().close_array();
      out.open_object().close_object().null().close_array();
      out.key("b").boolean(true).key("c").raw("[1,2]").close_object();
    });

    CHECK(text == R"({"a":[1,[],{},null],"b":true,"c":[1,2]})");
  }
}
