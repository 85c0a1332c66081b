#include "core/payload/field_columns.hpp"

#include "core/payload/evaluate.hpp"
#include "read_json.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <thread>

using namespace grape;
using namespace grape::payload;

namespace {

field_test equals(const char* word) {
  return match_value{std::string(word)};
}

std::vector<std::uint32_t> members(const slot_set& of) {
  std::vector<std::uint32_t> slots;
  of.for_each([&](slot at) { slots.push_back(at.value); });
  return slots;
}

std::vector<std::uint32_t> sure(const field_column& in, const field_test& test) {
  return members(in.test(test, 4'000).yes);
}

using slots = std::vector<std::uint32_t>;

} // namespace

TEST_SUITE("core.payload.field_columns") {
  TEST_CASE("a snapshot never changes") {
    field_columns columns;
    REQUIRE(columns.add_field("tag", {field_type::keyword, {}}).ok());
    columns.set(slot{0}, read_object(R"({"tag": "x"})"));
    columns.set(slot{1}, read_object(R"({"tag": ["x", "y"]})"));
    columns.set(slot{3'000}, read_object(R"({"tag": "x"})"));

    const auto before = columns.snapshot();
    columns.set(slot{0}, read_object(R"({"tag": "z"})"));
    columns.clear(slot{1});
    columns.set(slot{2}, read_object(R"({"tag": "x"})"));
    columns.remove_field("tag");
    REQUIRE(columns.add_field("tag", {field_type::integer, {}}).ok());
    columns.set(slot{0}, read_object(R"({"tag": 4})"));

    REQUIRE(before.find("tag") != nullptr);
    CHECK(sure(*before.find("tag"), equals("x")) == slots{0, 1, 3'000});
    CHECK(sure(*before.find("tag"), equals("y")) == slots{1});
    CHECK(sure(*before.find("tag"), equals("z")).empty());
    CHECK(sure(*columns.snapshot().find("tag"), match_value{std::int64_t{4}}) == slots{0});
  }

  TEST_CASE("a snapshot may be read while the writer goes on") {
    field_columns columns;
    REQUIRE(columns.add_field("tag", {field_type::keyword, {}}).ok());
    for (std::uint32_t i = 0; i < 2'000; ++i)
      columns.set(slot{i}, object{{"tag", value{"word " + std::to_string(i % 7)}}});
    const auto expected = sure(*columns.snapshot().find("tag"), equals("word 3"));
    std::size_t wrong = 0;

    std::thread reader{[&wrong, &expected, view = columns.snapshot()]() mutable {
      for (int i = 0; i < 200; ++i)
        wrong += sure(*view.find("tag"), equals("word 3")) == expected ? 0 : 1;
      view = {}; // The writer may now write in place what only this thread still shared.
    }};
    for (std::uint32_t i = 0; i < 20'000; ++i)
      columns.set(slot{i % 2'000}, object{{"tag", value{"new " + std::to_string(i)}}});
    reader.join();

    CHECK(wrong == 0);
    CHECK(sure(*columns.snapshot().find("tag"), equals("word 3")).empty());
  }

  TEST_CASE("a slot that is used again shows nothing of its earlier point") {
    field_columns columns;
    REQUIRE(columns.add_field("a", {field_type::integer, {}}).ok());
    columns.set(slot{5}, read_object(R"({"a": [1, 2, "x", null]})"));
    const auto before = columns.snapshot();
    columns.clear(slot{5});

    const auto cleared = columns.snapshot();
    columns.set(slot{5}, read_object(R"({"a": 7})"));
    const auto reused = columns.snapshot();

    CHECK(sure(*before.find("a"), match_value{std::int64_t{2}}) == slots{5});
    CHECK(cleared.find("a")->test(number_range{}, 10).possible == slot_set{10});
    CHECK(cleared.find("a")->filled() == 0);
    CHECK(members(cleared.find("a")->test(empty_test{true}, 6).yes) == slots{0, 1, 2, 3, 4, 5});
    CHECK(sure(*reused.find("a"), match_value{std::int64_t{7}}) == slots{5});
    CHECK(sure(*reused.find("a"), match_value{std::int64_t{1}}).empty());
    CHECK(sure(*reused.find("a"), null_test{true}).empty());
    CHECK(reused.find("a")->test(equals("x"), 10).possible == slot_set{10});
  }

  TEST_CASE("a field is found in any spelling, and a bad path is refused") {
    field_columns columns;
    REQUIRE(columns.add_field("\"a\".b[]", {field_type::keyword, {}}).ok());

    CHECK(columns.snapshot().find("a.b[]") != nullptr);
    CHECK(columns.snapshot().find("\"a\".b[]") != nullptr);
    CHECK(columns.snapshot().find("a.b") == nullptr);
    CHECK(columns.snapshot().find("a[") == nullptr);
    CHECK(columns.add_field("a[", {field_type::keyword, {}}).code == errc::malformed);
    columns.remove_field("a.b[]");
    CHECK(columns.snapshot().fields() == 0);
  }

  TEST_CASE("points counts the slots with a value that is neither null nor empty") {
    field_columns columns;
    REQUIRE(columns.add_field("a.b", {field_type::keyword, {}}).ok());
    const std::vector<const char*> documents{R"({"a": {"b": "x"}})", R"({"a": {"b": null}})", "{}",
                                             R"({"a": {"b": []}})", R"({"a": {"b": ["y", "z"]}})",
                                             R"({"a": [{"b": "x"}]})", R"({"a": {"b": 5}})"};
    for (std::uint32_t i = 0; i < documents.size(); ++i)
      columns.set(slot{i}, read_object(documents[i]));

    CHECK(columns.points("a.b") == 3);
    CHECK(columns.points("a") == 0);
    columns.set(slot{0}, read_object("{}"));
    CHECK(columns.points("a.b") == 2);
  }

  TEST_CASE("words that are no longer used do not pile up") {
    field_columns columns;
    REQUIRE(columns.add_field("tag", {field_type::keyword, {}}).ok());
    columns.set(slot{1}, read_object(R"({"tag": ["stays", "too"]})"));
    const auto old = columns.snapshot();
    const auto start = columns.bytes();

    for (int i = 0; i < 50'000; ++i)
      columns.set(slot{0}, object{{"tag", value{"word " + std::to_string(i)}}});

    const auto now = columns.snapshot();
    CHECK(columns.bytes() < start + 400'000);
    CHECK(sure(*now.find("tag"), equals("stays")) == slots{1});
    CHECK(sure(*now.find("tag"), equals("too")) == slots{1});
    CHECK(sure(*now.find("tag"), equals("word 49999")) == slots{0});
    CHECK(sure(*now.find("tag"), equals("word 49998")).empty());
    CHECK(sure(*old.find("tag"), equals("too")) == slots{1});
  }

  TEST_CASE("lists that are rewritten do not pile up") {
    field_columns columns;
    REQUIRE(columns.add_field("n", {field_type::integer, {}}).ok());
    columns.set(slot{2}, read_object(R"({"n": [40, 50]})"));
    columns.set(slot{1}, read_object(R"({"n": [10, 20, 30]})"));
    const auto start = columns.bytes();

    for (std::int64_t i = 0; i < 20'000; ++i)
      columns.set(slot{0}, object{{"n", value{array{value{i}, value{i + 1}}}}});

    CHECK(columns.bytes() < start + 10'000);
    const auto now = columns.snapshot();
    CHECK(sure(*now.find("n"), match_value{std::int64_t{20}}) == slots{1});
    CHECK(sure(*now.find("n"), match_value{std::int64_t{50}}) == slots{2});
    CHECK(sure(*now.find("n"), match_value{std::int64_t{20'000}}) == slots{0});
    CHECK(sure(*now.find("n"), match_value{std::int64_t{500}}).empty());
  }

  // Integers beyond 2^53 have no double of their own; bounds must cut where evaluate cuts.
  TEST_CASE("ranges and lists hold at the ends of the integers") {
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    constexpr auto exact = std::int64_t{1} << 53;
    std::vector<std::int64_t> integers{least, least + 1, -1, 0, 1, most - 1, most};
    for (std::int64_t i = -6; i <= 6; ++i)
      integers.insert(integers.end(), {exact + i, -exact + i, exact * 512 + i * 100});
    field_columns columns;
    REQUIRE(columns.add_field("n", {field_type::integer, {}}).ok());
    std::vector<field_test> tests{match_any{std::vector{least, most}},
                                  match_any{std::vector{most - 1, most}},
                                  match_except{std::vector{least, least + 1, std::int64_t{0}}}};
    for (std::uint32_t i = 0; i < integers.size(); ++i) {
      columns.set(slot{i}, object{{"n", value{integers[i]}}});
      for (const auto bound : {static_cast<double>(integers[i]), 0.5, -1e300, 1e300}) {
        tests.push_back(number_range{.lt = bound, .gt = {}, .lte = {}, .gte = {}});
        tests.push_back(number_range{.lt = {}, .gt = bound, .lte = {}, .gte = {}});
        tests.push_back(number_range{.lt = {}, .gt = {}, .lte = bound, .gte = {}});
        tests.push_back(number_range{.lt = {}, .gt = {}, .lte = {}, .gte = bound});
      }
    }

    for (const auto& test : tests) {
      const auto found = columns.snapshot().find("n")->test(test, integers.size());
      for (std::uint32_t i = 0; i < integers.size(); ++i) {
        CAPTURE(integers[i]);
        const auto expected = matches(field_condition{"n", {test}}, {{"n", value{integers[i]}}});
        REQUIRE(found.yes.contains(slot{i}) == expected);
        REQUIRE(found.possible.contains(slot{i}) == expected);
      }
    }
  }
}
