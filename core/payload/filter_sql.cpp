#include "core/payload/filter_sql.hpp"

#include "core/payload/datetime.hpp"
#include "core/payload/path.hpp"
#include "core/payload/sql_lexer.hpp"

#include <cmath>
#include <utility>

namespace grape::payload {

namespace {

condition leaf(const std::string& key, field_test test) {
  return {field_condition{key, {std::move(test)}}};
}

/// The conditions as one, of which all must hold; a single one stays itself.
condition all_of(std::vector<condition> conditions) {
  if (conditions.size() == 1)
    return std::move(conditions.front());
  filter made;
  made.must = std::move(conditions);
  return {std::move(made)};
}

condition any_of(std::vector<condition> conditions) {
  if (conditions.size() == 1)
    return std::move(conditions.front());
  filter made;
  made.should = std::move(conditions);
  return {std::move(made)};
}

condition not_at_all(condition denied) {
  filter made;
  made.must_not.push_back(std::move(denied));
  return {std::move(made)};
}

/// Something is there, but not so.
condition something_else(const std::string& key, condition denied) {
  filter made;
  made.must.push_back(leaf(key, empty_test{false}));
  made.must_not.push_back(std::move(denied));
  return {std::move(made)};
}

number_range at(double number) {
  return {.lt = {}, .gt = {}, .lte = number, .gte = number};
}

/// Doubles tell integers up to here apart; a range would blur greater ones.
constexpr std::int64_t exact_max = std::int64_t{1} << 53;

field_test equal_to(const sql_token& literal) {
  if (literal.kind == sql_token::type::integer) {
    if (literal.integer >= -exact_max && literal.integer <= exact_max)
      return at(static_cast<double>(literal.integer));
    return match_value{literal.integer};
  }
  if (literal.kind == sql_token::type::number)
    return at(literal.number);
  if (literal.kind == sql_token::type::word)
    return match_value{literal.is_word("TRUE")};
  return match_value{literal.text};
}

template <class Bounds, class Limit>
Bounds bounds(std::string_view relation, Limit limit) {
  Bounds made;
  (relation == "<"    ? made.lt
   : relation == ">"  ? made.gt
   : relation == "<=" ? made.lte
                      : made.gte) = limit;
  return made;
}

field_test like(std::string pattern) {
  // One `%` at the end and nothing else special is a prefix, for which indexes are made.
  const auto special = pattern.find_first_of("%_\\");
  if (special != std::string::npos && special + 1 == pattern.size() && pattern.back() == '%') {
    pattern.pop_back();
    return match_prefix{std::move(pattern)};
  }
  return match_like{std::move(pattern)};
}

/// Recursive descent, one token ahead. After a fault everything is skipped.
class parser {
public:
  explicit parser(std::string_view text)
    : lexer_(text)
    , token_(lexer_.next()) {}

  outcome<filter> parse() {
    auto whole = either();
    if (token_.kind != sql_token::type::end)
      fail("AND, OR or the end");
    if (!fault_.ok())
      return fault_;
    if (auto* made = std::get_if<filter>(&whole.test))
      return std::move(*made);
    filter made;
    made.must.push_back(std::move(whole));
    return made;
  }

private:
  condition either() {
    std::vector<condition> parts;
    do
      parts.push_back(both());
    while (take_word("OR"));
    return any_of(std::move(parts));
  }

  condition both() {
    std::vector<condition> parts;
    do
      parts.push_back(one());
    while (take_word("AND"));
    return all_of(std::move(parts));
  }

  condition one() {
    const auto negated = token_.is_word("NOT");
    if (!negated && !token_.is_symbol("("))
      return comparison();
    if (++depth_ > filter_sql_depth_max) {
      fail("fewer brackets and negations inside of each other");
      return {};
    }
    advance();
    auto inner = negated ? not_at_all(one()) : either();
    if (!negated && !take_symbol(")"))
      fail("`)`");
    --depth_;
    return inner;
  }

  condition comparison() {
    const auto key = path_text();
    if (take_word("IS")) {
      const auto something = take_word("NOT");
      if (!take_word("NULL"))
        fail("NULL");
      return leaf(key, empty_test{!something});
    }
    const auto negated = take_word("NOT");
    if (take_word("LIKE"))
      return unless(negated, key, leaf(key, like(text_literal())));
    if (take_word("IN"))
      return unless(negated, key, {field_condition{key, list()}});
    if (negated)
      fail("LIKE or IN");
    return relation(key);
  }

  static condition unless(bool negated, const std::string& key, condition held) {
    return negated ? something_else(key, std::move(held)) : std::move(held);
  }

  condition relation(const std::string& key) {
    const auto symbol = token_.kind == sql_token::type::symbol ? token_.text : std::string{};
    const auto is_equality = symbol == "=" || symbol == "!=" || symbol == "<>";
    if (!is_equality && symbol != "<" && symbol != ">" && symbol != "<=" && symbol != ">=") {
      fail("a comparison");
      return {};
    }
    advance();
    const auto operand = literal();
    if (is_equality)
      return unless(symbol != "=", key, leaf(key, equal_to(operand)));
    if (operand.kind == sql_token::type::integer)
      return leaf(key, bounds<number_range>(symbol, static_cast<double>(operand.integer)));
    if (operand.kind == sql_token::type::number)
      return leaf(key, bounds<number_range>(symbol, operand.number));
    const auto moment =
        operand.kind == sql_token::type::text ? parse_datetime(operand.text) : std::nullopt;
    if (!moment)
      fail_at(operand, "a number or a point in time");
    return leaf(key, bounds<time_range>(symbol, moment.value_or(0)));
  }

  /// The tests of which one must hold; texts share one.
  std::vector<field_test> list() {
    std::vector<field_test> tests;
    std::vector<std::string> texts;
    if (!take_symbol("("))
      fail("`(`");
    do {
      auto item = literal();
      if (item.kind == sql_token::type::text)
        texts.push_back(std::move(item.text));
      else
        tests.push_back(equal_to(item));
    } while (take_symbol(","));
    if (!take_symbol(")"))
      fail("`,` or `)`");
    if (!texts.empty())
      tests.emplace_back(match_any{std::move(texts)});
    return tests;
  }

  std::string path_text() {
    if (token_.kind != sql_token::type::word) {
      fail("a payload path");
      return {};
    }
    const auto parsed = path::parse(token_.text);
    if (!parsed)
      fail("a payload path");
    auto text = std::move(token_.text);
    advance();
    return text;
  }

  sql_token literal() {
    auto found = token_;
    const auto is_boolean = found.is_word("TRUE") || found.is_word("FALSE");
    if (!found.is_literal() && !is_boolean)
      fail("a text in single quotes, a number, TRUE or FALSE");
    advance();
    return found;
  }

  std::string text_literal() {
    auto found = token_;
    if (found.kind != sql_token::type::text)
      fail("a text in single quotes");
    advance();
    return std::move(found.text);
  }

  bool take_word(std::string_view word) {
    const auto there = fault_.ok() && token_.is_word(word);
    if (there)
      advance();
    return there;
  }

  bool take_symbol(std::string_view symbol) {
    const auto there = fault_.ok() && token_.is_symbol(symbol);
    if (there)
      advance();
    return there;
  }

  void advance() {
    if (fault_.ok())
      token_ = lexer_.next();
  }

  void fail(std::string_view wanted) { fail_at(token_, wanted); }

  void fail_at(const sql_token& found, std::string_view wanted) {
    if (fault_.ok())
      fault_ = {errc::malformed, "filter_sql: " + std::string(wanted) + " expected at character "
                                     + std::to_string(found.begin + 1)};
  }

  sql_lexer lexer_;
  sql_token token_;
  status fault_;
  std::size_t depth_ = 0;
};

} // namespace

outcome<filter> parse_filter_sql(std::string_view text) {
  if (text.size() > filter_sql_bytes_max)
    return status{errc::malformed, "filter_sql: it is longer than "
                                       + std::to_string(filter_sql_bytes_max) + " bytes"};
  return parser{text}.parse();
}

} // namespace grape::payload
