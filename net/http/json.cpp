#include "net/http/json.hpp"

#include "core/check.hpp"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace grape::http::json {

namespace dom = simdjson::dom;

namespace {

struct place {
  const void* document;
  std::size_t at;
};

static_assert(sizeof(dom::element) == sizeof(place));

dom::element element_of(const value& from) {
  return std::bit_cast<dom::element>(from);
}

template <class T>
T get(const value& from) {
  T out{};
  const auto error = element_of(from).get(out);
  GRAPE_CHECK(error == simdjson::SUCCESS);
  return out;
}

status refusal_of(simdjson::error_code error) {
  if (error == simdjson::EMPTY)
    return {errc::malformed, "EOF while parsing a value at line 1 column 0"};
  if (error == simdjson::DEPTH_ERROR)
    return {errc::malformed, "recursion limit exceeded"};
  if (error == simdjson::NUMBER_ERROR)
    return {errc::malformed, "invalid number, or number out of range"};
  if (error == simdjson::UTF8_ERROR)
    return {errc::malformed, "invalid unicode code point"};
  std::string text = simdjson::error_message(error);
  while (!text.empty() && text.back() == '.')
    text.pop_back();
  return {errc::malformed, std::move(text)};
}

/// Sorts before it inserts: an object takes members quickly only in ascending order, and the order
/// of a body is the client's choice.
payload::object object_of(const value& from) {
  std::vector<std::pair<std::string_view, value>> members;
  from.each_field([&](std::string_view key, value member) {
    members.emplace_back(key, member);
    return true;
  });
  std::stable_sort(members.begin(), members.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  payload::object out;
  for (const auto& [key, member] : members)
    out.set(std::string(key), member.tree());
  return out;
}

/// One per thread: its scratch memory is worth keeping between bodies of ordinary size.
dom::parser& thread_parser() {
  constexpr std::size_t capacity = 4'096;
  thread_local dom::parser parser;
  if (parser.max_depth() != document::depth_max)
    GRAPE_CHECK(parser.allocate(capacity, document::depth_max) == simdjson::SUCCESS);
  return parser;
}

} // namespace

kind value::type() const noexcept {
  switch (element_of(*this).type()) {
    case dom::element_type::ARRAY: return kind::array;
    case dom::element_type::OBJECT: return kind::object;
    case dom::element_type::INT64: return kind::integer;
    case dom::element_type::UINT64: return kind::big;
    case dom::element_type::DOUBLE: return kind::floating;
    case dom::element_type::STRING: return kind::string;
    case dom::element_type::BOOL: return kind::boolean;
    case dom::element_type::NULL_VALUE: break;
  }
  return kind::null;
}

bool value::boolean() const {
  return get<bool>(*this);
}

std::int64_t value::integer() const {
  return get<std::int64_t>(*this);
}

std::uint64_t value::big() const {
  return get<std::uint64_t>(*this);
}

double value::number() const {
  return get<double>(*this);
}

std::string_view value::text() const {
  return get<std::string_view>(*this);
}

std::optional<value> value::find(std::string_view key) const {
  dom::object members;
  if (element_of(*this).get(members) != simdjson::SUCCESS)
    return std::nullopt;
  std::optional<value> found;
  for (auto member = members.begin(); member != members.end(); ++member)
    if (member.key() == key)
      found = std::bit_cast<value>(member.value());
  return found;
}

void value::each_item(const std::function<bool(value)>& visit) const {
  dom::array items;
  if (element_of(*this).get(items) != simdjson::SUCCESS)
    return;
  for (const auto item : items)
    if (!visit(std::bit_cast<value>(item)))
      return;
}

void value::each_field(const std::function<bool(std::string_view, value)>& visit) const {
  dom::object members;
  if (element_of(*this).get(members) != simdjson::SUCCESS)
    return;
  for (auto member = members.begin(); member != members.end(); ++member)
    if (!visit(member.key(), std::bit_cast<value>(member.value())))
      return;
}

std::optional<std::size_t> value::read_floats(std::vector<float>& into) const {
  dom::array items;
  const auto error = element_of(*this).get(items);
  GRAPE_CHECK(error == simdjson::SUCCESS);
  into.reserve(into.size() + items.size());
  std::size_t position = 0;
  for (const auto item : items) {
    double number = 0;
    if (item.get(number) != simdjson::SUCCESS)
      return position;
    const auto narrow = static_cast<float>(number);
    if (!std::isfinite(narrow))
      return position;
    into.push_back(narrow);
    ++position;
  }
  return std::nullopt;
}

payload::value value::tree() const {
  switch (type()) {
    case kind::null: return {};
    case kind::boolean: return payload::value{boolean()};
    case kind::integer: return payload::value{integer()};
    case kind::big: return payload::value{big()};
    case kind::floating: return payload::value{number()};
    case kind::string: return payload::value{std::string(text())};
    case kind::array: {
      payload::array items;
      each_item([&](value item) {
        items.push_back(item.tree());
        return true;
      });
      return payload::value{std::move(items)};
    }
    case kind::object: break;
  }
  return payload::value{object_of(*this)};
}

bool is_utf8(std::string_view text) noexcept {
  return simdjson::validate_utf8(text.data(), text.size());
}

struct document::body {
  dom::document tape;
};

document::document(std::unique_ptr<body> from) : body_(std::move(from)) {
}

document::document(document&&) noexcept = default;
document& document::operator=(document&&) noexcept = default;
document::~document() = default;

outcome<document> document::parse(std::string& text) {
  constexpr std::size_t kept_max = 1 << 20;
  text.reserve(text.size() + simdjson::SIMDJSON_PADDING); // The parser reads past the end.
  auto& parser = thread_parser();
  auto parsed = std::make_unique<body>();
  const auto error
    = parser.parse_into_document(parsed->tape, text.data(), text.size(), false).error();
  if (text.size() > kept_max)
    parser = dom::parser{}; // A huge body must not make this thread fat for ever.
  if (error != simdjson::SUCCESS)
    return refusal_of(error);
  return document{std::move(parsed)};
}

value document::root() const {
  return std::bit_cast<value>(body_->tape.root());
}

} // namespace grape::http::json
