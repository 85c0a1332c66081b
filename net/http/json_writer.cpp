#include "net/http/json_writer.hpp"

#include <charconv>
#include <cmath>

namespace grape::http {

namespace {

constexpr std::size_t digits_max = 32; // Enough for the shortest form of any double or integer.

template <class Number>
void append_floating(std::string& out, Number value) {
  char digits[digits_max];
  const auto end = std::to_chars(digits, digits + digits_max, value).ptr;
  const std::string_view text(digits, static_cast<std::size_t>(end - digits));
  out += text;
  if (text.find_first_of(".e") == std::string_view::npos)
    out += ".0";
}

template <class Number>
void append_whole(std::string& out, Number value) {
  char digits[digits_max];
  const auto end = std::to_chars(digits, digits + digits_max, value).ptr;
  out.append(digits, end);
}

} // namespace

json_writer& json_writer::key(std::string_view name) {
  separate();
  quoted(name);
  out_ += ':';
  first_ = true;
  return *this;
}

json_writer& json_writer::whole(std::uint64_t value) {
  separate();
  append_whole(out_, value);
  return *this;
}

json_writer& json_writer::integer(std::int64_t value) {
  separate();
  append_whole(out_, value);
  return *this;
}

json_writer& json_writer::number(double value) {
  if (!std::isfinite(value))
    return null();
  separate();
  append_floating(out_, value);
  return *this;
}

json_writer& json_writer::number(float value) {
  if (!std::isfinite(value))
    return null();
  separate();
  append_floating(out_, value);
  return *this;
}

json_writer& json_writer::text(std::string_view value) {
  separate();
  quoted(value);
  return *this;
}

json_writer& json_writer::tree(const payload::value& value) {
  if (const auto* flag = value.as_bool())
    return boolean(*flag);
  if (const auto* whole_number = value.as_int())
    return integer(*whole_number);
  if (const auto* big = value.as_big())
    return whole(*big);
  if (const auto* floating = value.as_double())
    return number(*floating);
  if (const auto* words = value.as_string())
    return text(*words);
  if (const auto* members = value.as_object())
    return tree(*members);
  const auto* items = value.as_array();
  if (items == nullptr)
    return null();
  open_array();
  for (const auto& item : *items)
    tree(item);
  return close_array();
}

json_writer& json_writer::tree(const payload::object& value) {
  open_object();
  for (const auto& [name, member] : value)
    key(name).tree(member);
  return close_object();
}

json_writer& json_writer::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

json_writer& json_writer::open(char bracket) {
  separate();
  out_ += bracket;
  first_ = true;
  return *this;
}

json_writer& json_writer::close(char bracket) {
  out_ += bracket;
  first_ = false;
  return *this;
}

void json_writer::separate() {
  if (!first_)
    out_ += ',';
  first_ = false;
}

void json_writer::quoted(std::string_view value) {
  constexpr std::string_view hex = "0123456789abcdef";
  out_ += '"';
  std::size_t plain = 0; // Where the run of characters that need no escape began.
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto c = static_cast<unsigned char>(value[i]);
    if (c >= 0x20 && c != '"' && c != '\\')
      continue;
    out_ += value.substr(plain, i - plain);
    plain = i + 1;
    out_ += '\\';
    switch (c) {
      case '"':
      case '\\': out_ += static_cast<char>(c); break;
      case '\n': out_ += 'n'; break;
      case '\r': out_ += 'r'; break;
      case '\t': out_ += 't'; break;
      default:
        out_ += "u00";
        out_ += hex[c >> 4];
        out_ += hex[c & 15];
    }
  }
  out_ += value.substr(plain);
  out_ += '"';
}

} // namespace grape::http
