#include "net/http/decode_filter.hpp"

#include "core/payload/datetime.hpp"
#include "core/payload/filter_sql.hpp"
#include "net/http/decode_common.hpp"
#include "net/http/decode_geo.hpp"

#include <array>
#include <limits>

namespace grape::http {

namespace {

using payload::condition;
using payload::field_condition;

constexpr std::string_view no_condition
  = "Expected some form of condition, which can be a field condition (like {\"key\": ...,"
    " \"match\": ... }), or some other mentioned in the documentation:"
    " https://qdrant.tech/documentation/concepts/filtering/#filtering-conditions";

constexpr std::string_view no_match = "data did not match any variant of untagged enum Match";

constexpr std::array<std::string_view, 4> filter_clauses
  = {"should", "min_should", "must", "must_not"};

bool is_clause(std::string_view key) {
  for (const auto clause : filter_clauses)
    if (clause == key)
      return true;
  return false;
}

std::optional<payload::match_value> read_match_value(const node& of) {
  if (of.is(json::kind::boolean))
    return payload::match_value{of.boolean()};
  if (of.is(json::kind::integer))
    return payload::match_value{of.value().integer()};
  if (of.is(json::kind::string))
    return payload::match_value{of.text()};
  of.malformed(std::string(no_match));
  return std::nullopt;
}

/// A list of strings or a list of integers, for match_any and match_except.
template <class Test>
Test read_match_list(const node& of) {
  std::vector<std::string> words;
  std::vector<std::int64_t> numbers;
  of.each_item([&](const node& item) {
    if (item.is(json::kind::string) && numbers.empty())
      words.push_back(item.text());
    else if (item.is(json::kind::integer) && words.empty())
      numbers.push_back(item.value().integer());
    else
      item.malformed(std::string(no_match));
  });
  if (numbers.empty())
    return Test{std::move(words)};
  return Test{std::move(numbers)};
}

/// `{"text": "...", "grape": {"edits": 1}}` looks for similar words; without Grape's own part, for
/// the same ones.
payload::field_test read_text(const node& of, const node& text) {
  if (const auto ours = of.field("grape"))
    if (const auto edits = whole_field(*ours, "edits", {.most = payload::match_fuzzy::edits_max}))
      return payload::match_fuzzy{text.text(), static_cast<std::uint32_t>(*edits)};
  return payload::match_text{text.text(), payload::text_match::all};
}

void read_match(const node& of, std::vector<payload::field_test>& tests) {
  if (!of.expect_object())
    return;
  if (const auto value = of.field("value")) {
    if (auto test = read_match_value(*value))
      tests.emplace_back(std::move(*test));
    return;
  }
  if (const auto any = of.field("any")) {
    tests.emplace_back(read_match_list<payload::match_any>(*any));
    return;
  }
  if (const auto except = of.field("except")) {
    tests.emplace_back(read_match_list<payload::match_except>(*except));
    return;
  }
  if (const auto text = of.field("text"))
    tests.push_back(read_text(of, *text));
  else if (const auto any = of.field("text_any"))
    tests.emplace_back(payload::match_text{any->text(), payload::text_match::any});
  else if (const auto phrase = of.field("phrase"))
    tests.emplace_back(payload::match_text{phrase->text(), payload::text_match::phrase});
  else if (const auto prefix = of.field("prefix"))
    tests.emplace_back(payload::match_prefix{prefix->text()});
  else
    of.malformed(std::string(no_match));
}

std::optional<std::int64_t> time_field(const node& of, std::string_view key) {
  const auto given = of.field(key);
  if (!given)
    return std::nullopt;
  const auto text = given->text();
  const auto moment = payload::parse_datetime(text);
  if (!moment)
    given->malformed("'" + text + "' does not match accepted datetime format (RFC3339). Example: "
                                  "2014-01-01T00:00:00Z");
  return moment;
}

void read_range(const node& of, std::vector<payload::field_test>& tests) {
  if (!of.expect_object())
    return;
  for (const auto* bound : {"lt", "gt", "gte", "lte"}) {
    const auto given = of.field(bound);
    if (given && given->is(json::kind::string)) {
      tests.emplace_back(payload::time_range{.lt = time_field(of, "lt"),
                                             .gt = time_field(of, "gt"),
                                             .lte = time_field(of, "lte"),
                                             .gte = time_field(of, "gte")});
      return;
    }
  }
  tests.emplace_back(payload::number_range{.lt = number_field(of, "lt"),
                                           .gt = number_field(of, "gt"),
                                           .lte = number_field(of, "lte"),
                                           .gte = number_field(of, "gte")});
}

payload::values_count read_values_count(const node& of) {
  if (!of.expect_object())
    return {};
  return {.lt = whole_field(of, "lt"),
          .gt = whole_field(of, "gt"),
          .lte = whole_field(of, "lte"),
          .gte = whole_field(of, "gte")};
}

condition read_field_condition(const node& of, const node& key) {
  field_condition out{read_path(key), {}};
  if (const auto match = of.field("match"))
    read_match(*match, out.tests);
  if (const auto range = of.field("range"))
    read_range(*range, out.tests);
  read_geo_tests(of, out.tests);
  if (const auto count = of.field("values_count"))
    out.tests.emplace_back(read_values_count(*count));
  if (const auto wanted = boolean_field(of, "is_empty"))
    out.tests.emplace_back(payload::empty_test{*wanted});
  if (const auto wanted = boolean_field(of, "is_null"))
    out.tests.emplace_back(payload::null_test{*wanted});
  if (out.tests.empty() && !of.field("match"))
    of.broken_rule("At least one field condition must be specified", "__all__");
  return {std::move(out)};
}

/// `{"is_empty": {"key": path}}` and its sister.
condition read_keyed_test(const node& of, payload::field_test test) {
  field_condition out{{}, {test}};
  if (const auto key = of.need("key"))
    out.key = read_path(*key);
  return {std::move(out)};
}

condition read_nested(const node& of) {
  payload::nested out;
  if (const auto key = of.need("key"))
    out.key = read_path(*key);
  if (const auto inner = of.need("filter"))
    out.inner = read_filter(*inner);
  return {std::move(out)};
}

condition read_slice(const node& of) {
  payload::slice out;
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  if (const auto total = of.need("total"))
    if (out.total = total->whole(most, "u64"); out.total == 0)
      total->malformed("invalid value: integer `0`, expected a nonzero u64");
  if (const auto index = of.need("index"))
    if (out.index = index->whole(most, "u64"); out.index >= out.total)
      of.broken_rule("Slice index must be less than the total number of slices");
  return {out};
}

condition read_condition(const node& of) {
  if (!of.counts_as_condition())
    return {};
  if (!of.is(json::kind::object)) {
    of.malformed(std::string(no_condition));
    return {};
  }
  if (const auto key = of.field("key"))
    return read_field_condition(of, *key);
  if (const auto empty = of.field("is_empty"))
    return read_keyed_test(*empty, payload::empty_test{true});
  if (const auto null = of.field("is_null"))
    return read_keyed_test(*null, payload::null_test{true});
  if (const auto ids = of.field("has_id"))
    return {payload::has_id{read_ids(*ids)}};
  if (const auto name = of.field("has_vector"))
    return {payload::has_vector{name->text()}};
  if (const auto nested = of.field("nested"))
    return read_nested(*nested);
  if (const auto slice = of.field("slice"))
    return read_slice(*slice);
  auto known = true;
  of.each_field([&](std::string_view key, const node&) { known = known && is_clause(key); });
  if (known)
    return {read_filter(of)};
  of.malformed(std::string(no_condition));
  return {};
}

/// One condition, or a list of them.
std::vector<condition> read_clause(const node& of) {
  std::vector<condition> out;
  if (of.is(json::kind::array))
    of.each_item([&](const node& item) { out.push_back(read_condition(item)); });
  else
    out.push_back(read_condition(of));
  return out;
}

payload::min_should read_min_should(const node& of) {
  payload::min_should out;
  if (const auto conditions = of.need("conditions"))
    conditions->each_item([&](const node& c) { out.conditions.push_back(read_condition(c)); });
  if (const auto count = of.need("min_count")) {
    out.min_count = count->whole(std::numeric_limits<std::uint64_t>::max(), "usize");
    if (out.min_count == 0)
      count->invalid("min_count must be greater than 0");
  }
  return out;
}

} // namespace

payload::filter read_filter(const node& of) {
  payload::filter out;
  of.each_field([&](std::string_view key, const node& clause) {
    if (!is_clause(key))
      return of.malformed("unknown field `" + std::string(key)
                          + "`, expected one of `should`, `min_should`, `must`, `must_not`");
    if (clause.is(json::kind::null))
      return;
    if (key == "min_should")
      out.at_least = read_min_should(clause);
    else if (key == "must")
      out.must = read_clause(clause);
    else if (key == "should")
      out.should = read_clause(clause);
    else
      out.must_not = read_clause(clause);
  });
  return out;
}

payload::condition read_filter_condition(const node& of) {
  return read_condition(of);
}

std::optional<payload::filter> filter_field(const node& of, std::string_view key) {
  const auto found = of.field(key);
  auto wanted = found ? std::optional{read_filter(*found)} : std::nullopt;
  const auto ours = key == "filter" ? of.field("grape") : std::nullopt;
  const auto sql = ours && ours->is(json::kind::object) ? ours->field("filter_sql") : std::nullopt;
  if (!sql)
    return wanted;
  auto parsed = payload::parse_filter_sql(sql->text());
  if (!parsed) {
    sql->malformed(parsed.error().detail);
    return wanted;
  }
  if (!wanted)
    return std::move(*parsed);
  payload::filter both;
  both.must = {{std::move(*wanted)}, {std::move(*parsed)}};
  return both;
}

} // namespace grape::http
