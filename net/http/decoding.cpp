#include "net/http/decoding.hpp"

#include "net/http/json_writer.hpp"

#include <cmath>

namespace grape::http {

namespace {

/// A refusal quotes the client, who may have sent megabytes.
std::string shortened(std::string text) {
  constexpr std::size_t bytes_max = 1'000;
  if (text.size() <= bytes_max)
    return text;
  auto end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end; // Not in the middle of a character.
  text.resize(end);
  return text + "...";
}

/// The value in the words of serde, for texts of wrong types.
std::string described(const json::value& value) {
  switch (value.type()) {
    case json::kind::null: return "null";
    case json::kind::boolean: return value.boolean() ? "boolean `true`" : "boolean `false`";
    case json::kind::integer: return "integer `" + std::to_string(value.integer()) + "`";
    case json::kind::big: return "integer `" + std::to_string(value.big()) + "`";
    case json::kind::floating: {
      json_writer out;
      out.number(value.number());
      return "floating point `" + std::move(out).take() + "`";
    }
    case json::kind::string: {
      json_writer out;
      out.text(value.text());
      return "string " + std::move(out).take();
    }
    case json::kind::array: return "sequence";
    case json::kind::object: return "map";
  }
  return "value";
}

} // namespace

void decoding::malformed(std::string text) {
  if (malformed_.empty())
    malformed_ = shortened(std::move(text));
}

void decoding::invalid(std::string path_and_text) {
  if (!invalid_.empty())
    invalid_ += "; ";
  invalid_ += shortened(std::move(path_and_text));
  ++invalid_count_;
}

void decoding::refuse(errc code, std::string text) {
  if (refusal_.ok())
    refusal_ = {code, shortened(std::move(text))};
}

status decoding::result() const {
  if (!malformed_.empty())
    return format_error(malformed_);
  if (!invalid_.empty())
    return {errc::invalid, "Validation error in JSON body: [" + invalid_ + "]"};
  return refusal_;
}

status format_error(std::string_view text) {
  return {errc::malformed, "Format error in JSON body: " + std::string(text)};
}

std::optional<node> node::field(std::string_view key, std::string_view alias) const {
  auto found = value_.find(key);
  if (!found && !alias.empty())
    found = value_.find(alias);
  if (!found || found->type() == json::kind::null)
    return std::nullopt;
  return node(*found, *this, key, 0, origin::field);
}

std::optional<node> node::need(std::string_view key, std::string_view alias) const {
  auto found = field(key, alias);
  if (!found && expect_object())
    malformed("missing field `" + std::string(key) + "`");
  return found;
}

bool node::boolean() const {
  if (is(json::kind::boolean))
    return value_.boolean();
  wrong_type("a boolean");
  return false;
}

std::uint64_t node::whole(std::uint64_t most, std::string_view type_name) const {
  const auto kind = type();
  if (kind != json::kind::integer && kind != json::kind::big) {
    wrong_type(type_name);
    return 0;
  }
  const auto negative = kind == json::kind::integer && value_.integer() < 0;
  const auto number = kind == json::kind::big ? value_.big()
                                              : static_cast<std::uint64_t>(value_.integer());
  if (!negative && number <= most)
    return number;
  malformed("invalid value: " + described(value_) + ", expected " + std::string(type_name));
  return 0;
}

double node::number() const {
  const auto kind = type();
  if (kind == json::kind::integer || kind == json::kind::big || kind == json::kind::floating)
    return value_.number();
  wrong_type("f64");
  return 0;
}

float node::single() const {
  const auto kind = type();
  if (kind != json::kind::integer && kind != json::kind::big && kind != json::kind::floating) {
    wrong_type("f32");
    return 0;
  }
  const auto narrow = static_cast<float>(value_.number());
  if (!std::isfinite(narrow))
    malformed("number out of range");
  return narrow;
}

std::string node::text() const {
  if (is(json::kind::string))
    return std::string(value_.text());
  wrong_type("a string");
  return {};
}

payload::object node::tree() const {
  if (!expect_object())
    return {};
  auto whole_tree = value_.tree();
  return std::move(*whole_tree.as_object());
}

std::size_t node::variant(std::initializer_list<std::string_view> names) const {
  if (!is(json::kind::string)) {
    wrong_type("string or map");
    return 0;
  }
  std::size_t position = 0;
  std::string known;
  for (const auto name : names) {
    if (name == value_.text())
      return position;
    known += (position++ == 0 ? "`" : ", `") + std::string(name) + "`";
  }
  malformed("unknown variant `" + std::string(value_.text()) + "`, expected "
            + (names.size() > 1 ? "one of " : "") + known);
  return 0;
}

bool node::expect_object() const {
  if (is(json::kind::object))
    return true;
  wrong_type("a map");
  return false;
}

bool node::counts_as_condition() const {
  if (notes_->takes_one_more_condition())
    return true;
  malformed("more than " + std::to_string(decoding::conditions_max) + " filter conditions");
  return false;
}

void node::malformed(std::string text) const {
  const auto where = path(false);
  notes_->malformed(where.empty() ? std::move(text) : text + " at " + where);
}

void node::wrong_type(std::string_view expected) const {
  malformed("invalid type: " + described(value_) + ", expected " + std::string(expected));
}

void node::invalid(std::string_view text, std::string_view below) const {
  if (!notes_->wants_more())
    return;
  auto where = path(true);
  if (!where.empty() && !below.empty())
    where += '.';
  notes_->invalid(where.append(below).append(": ").append(text));
}

void node::broken_rule(std::string_view text, std::string_view below) const {
  invalid("Validation error: " + std::string(text) + " [{}]", below);
}

void node::unavailable(std::string_view what) const {
  refuse(errc::bad_request, std::string(what) + " is not available yet");
}

std::string node::path(bool for_validation) const {
  if (origin_ == origin::root)
    return std::string(for_validation ? notes_->prefix() : std::string_view{});
  auto out = up_->path(for_validation);
  if (origin_ == origin::item)
    return out + "[" + std::to_string(index_) + "]";
  if (origin_ == origin::flattened && !for_validation)
    return out;
  if (!out.empty())
    out += '.';
  return out + (for_validation && origin_ == origin::entry ? "?" : std::string(key_));
}

} // namespace grape::http
