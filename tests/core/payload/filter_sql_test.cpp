#include "core/payload/filter_sql.hpp"

#include "core/payload/describe.hpp"
#include "core/payload/evaluate.hpp"
#include "random_documents.hpp"
#include "read_json.hpp"

#include <doctest/doctest.h>

#include <array>
#include <random>

using namespace grape;
using namespace grape::payload;

namespace {

std::string meaning_of(std::string_view sql) {
  const auto parsed = parse_filter_sql(sql);
  return parsed ? describe(*parsed) : parsed.error().detail;
}

bool holds(std::string_view sql, std::string_view document) {
  const auto parsed = parse_filter_sql(sql);
  REQUIRE(parsed.ok());
  return matches(*parsed, point_id{1}, read_object(document), {});
}

status refusal(std::string_view sql) {
  const auto parsed = parse_filter_sql(sql);
  return parsed ? status{} : parsed.error();
}

/// A random expression, written as SQL and built as a filter side by side.
class twin {
public:
  explicit twin(std::uint64_t seed) : random_(seed) {
  }

  std::pair<std::string, condition> expression(int depth) {
    switch (random_() % (depth > 0 ? 5 : 2)) {
      case 2: {
        auto [sql, inner] = expression(depth - 1);
        filter made;
        made.must_not.push_back(std::move(inner));
        return {"not (" + sql + ")", {std::move(made)}};
      }
      case 3: return joined(depth, " AND ", &filter::must);
      case 4: return joined(depth, " or ", &filter::should);
      default: return comparison();
    }
  }

  object document() { return random_document(random_); }

private:
  std::pair<std::string, condition> joined(int depth, const char* glue,
                                           std::vector<condition> filter::*into) {
    auto [first, a] = expression(depth - 1);
    auto [second, b] = expression(depth - 1);
    filter made;
    (made.*into) = {std::move(a), std::move(b)};
    return {"(" + first + ")" + glue + "(" + second + ")", {std::move(made)}};
  }

  std::pair<std::string, condition> comparison() {
    static constexpr std::array<const char*, 5> paths{"a", "b", "a.b", "a[]", "a[].b"};
    const std::string key = paths[random_() % paths.size()];
    const auto number = static_cast<std::int64_t>(random_() % 8) - 2;
    const auto shown = std::to_string(number);
    const auto of = [&](field_test test) { return condition{field_condition{key, {test}}}; };
    const auto range = [&](auto member) {
      number_range made;
      made.*member = static_cast<double>(number);
      return of(made);
    };
    const auto exists = of(empty_test{false});
    const auto but_not = [&](const condition& denied) {
      return condition{filter{{exists}, {}, {denied}, {}}};
    };
    const auto equal = of(number_range{{}, {}, double(number), double(number)});
    const auto listed = of(match_any{std::vector<std::string>{"x", "z"}});
    switch (random_() % 12) {
      case 0: return {key + " = " + shown, equal};
      case 1: return {key + "!=" + shown, but_not(equal)};
      case 2: return {key + "<" + shown, range(&number_range::lt)};
      case 3: return {key + " <= " + shown, range(&number_range::lte)};
      case 4: return {key + " >" + shown, range(&number_range::gt)};
      case 5: return {key + ">= " + shown, range(&number_range::gte)};
      case 6: return {key + " like '_'", of(match_like{"_"})};
      case 7: return {key + " NOT LIKE 'x%'", but_not(of(match_prefix{"x"}))};
      case 8: return {key + " in ('x', 'z')", listed};
      case 9: return {key + " not in ('x','z')", but_not(listed)};
      case 10: return {key + " is null", of(empty_test{true})};
      default: return {key + " IS NOT NULL", exists};
    }
  }

  std::mt19937_64 random_;
};

} // namespace

TEST_SUITE("core.payload.filter_sql") {
  TEST_CASE("all twelve operators, joined at random, mean what the same filter means") {
    std::size_t held = 0;
    for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
      twin pair{seed};
      const auto [sql, wanted] = pair.expression(3);
      CAPTURE(seed);
      CAPTURE(sql);
      const auto parsed = parse_filter_sql(sql);
      REQUIRE(parsed.ok());
      const filter expected{{wanted}, {}, {}, {}};
      for (int i = 0; i < 20; ++i) {
        const auto document = pair.document();
        const auto holds = matches(expected, point_id{1}, document, {});
        REQUIRE(matches(*parsed, point_id{1}, document, {}) == holds);
        held += holds ? 1 : 0;
      }
    }
    CHECK(held > 2'000);
    CHECK(held < 18'000);
  }

  TEST_CASE("AND binds closer than OR, NOT closer than both") {
    CHECK(meaning_of("a = 'x' OR b = 'y' AND c = 'z'")
          == R"((a = "x" or (b = "y" and c = "z")))");
    CHECK(meaning_of("NOT a = 'x' AND b = 'y'") == R"((not a = "x") and b = "y")");
    CHECK(meaning_of("(a = 'x' OR b = 'y') AND c = true")
          == R"(((a = "x" or b = "y")) and c = true)");
  }

  TEST_CASE("literals and paths are read as they are written") {
    CHECK(meaning_of("a = 'it''s'") == R"(a = "it's")");
    CHECK(meaning_of(R"("odd key".x[0] = FALSE)") == R"("odd key".x[0] = false)");
    CHECK(meaning_of("größe = 9007199254740993") == "größe = 9007199254740993");
    CHECK(meaning_of("t >= '1970-01-02'") == "t >= 1970-01-02T00:00:00Z");
    CHECK(holds("a = 5", R"({"a": 5.0})"));
    CHECK(holds("a IN (1, 5, 'x')", R"({"a": 5.0})"));
    CHECK(holds("a IN (1, 5, 'x')", R"({"a": ["x"]})"));
    CHECK(holds("a < -.5e1", R"({"a": -6})"));
    CHECK_FALSE(holds("a = +5", R"({"a": 5.5})"));
  }

  TEST_CASE("nothing is not something else") {
    for (const auto* sql : {"a != 5", "a NOT IN (5)", "a NOT LIKE 'x'"}) {
      CAPTURE(sql);
      CHECK_FALSE(holds(sql, "{}"));
      CHECK_FALSE(holds(sql, R"({"a": null})"));
      CHECK(holds(sql, R"({"a": 6})"));
    }
    CHECK(holds("NOT a = 5", "{}"));
    CHECK(holds("a IS NULL", "{}"));
    CHECK_FALSE(holds("a IS NOT NULL", R"({"a": []})"));
  }

  TEST_CASE("a fault is told with its place") {
    CHECK(refusal("").detail == "filter_sql: a payload path expected at character 1");
    CHECK(refusal("a").detail == "filter_sql: a comparison expected at character 2");
    CHECK(refusal("a = ").detail
          == "filter_sql: a text in single quotes, a number, TRUE or FALSE expected at"
             " character 5");
    CHECK(refusal("a = 'x").code == errc::malformed);
    CHECK(refusal("a < 'soon'").detail
          == "filter_sql: a number or a point in time expected at character 5");
    CHECK(refusal("(a = 1").detail == "filter_sql: `)` expected at character 7");
    CHECK(refusal("a = 1 b = 2").detail
          == "filter_sql: AND, OR or the end expected at character 7");
    CHECK(refusal("a NOT = 1").detail == "filter_sql: LIKE or IN expected at character 7");
    CHECK(refusal("a IS 5").detail == "filter_sql: NULL expected at character 6");
    CHECK(refusal("a IN 5").code == errc::malformed);
    CHECK(refusal("a..b = 5").code == errc::malformed);
    CHECK(refusal("a = 1e999").code == errc::malformed);
    CHECK(refusal("a[ = 1").code == errc::malformed);
    CHECK(refusal("a ; 1").code == errc::malformed);
  }

  TEST_CASE("depth and length are bounded") {
    const auto nested = [](std::size_t depth) {
      return std::string(depth, '(') + "a = 1" + std::string(depth, ')');
    };

    CHECK(refusal(nested(filter_sql_depth_max)).ok());
    CHECK(refusal(nested(filter_sql_depth_max + 1)).code == errc::malformed);
    CHECK(refusal(nested(30'000)).code == errc::malformed);
    CHECK(refusal("a = '" + std::string(filter_sql_bytes_max, 'x') + "'").code
          == errc::malformed);
  }

  TEST_CASE("any bytes are refused or read") {
    std::mt19937_64 random{5};
    constexpr std::string_view letters = "ab. '()\"[]=<>!,-1eNOTANDINLIKE%\xff";
    for (int i = 0; i < 20'000; ++i) {
      std::string sql = random() % 2 == 0 ? "a = 1 " : "";
      for (auto left = random() % 20; left > 0; --left)
        sql += letters[random() % letters.size()];
      CAPTURE(sql);
      const auto parsed = parse_filter_sql(sql);
      CHECK((parsed.ok() || parsed.error().code == errc::malformed));
    }
  }
}
