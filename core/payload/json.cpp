#include "core/payload/value.hpp"

#include <charconv>
#include <cmath>
#include <string_view>

namespace grape::payload {

namespace {

template <class Number>
void append_number(std::string& to, Number number) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  to.append(digits, end);
}

void append_double(std::string& to, double number) {
  if (!std::isfinite(number)) {
    to += "null"; // JSON has no word for it; no parser of ours lets one in.
    return;
  }
  const auto before = to.size();
  append_number(to, number);
  if (to.find_first_of(".e", before) == std::string::npos)
    to += ".0"; // Stays a float when read back.
}

void append_string(std::string& to, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  to += '"';
  for (const char c : text) {
    switch (c) {
      case '"': to += "\\\""; break;
      case '\\': to += "\\\\"; break;
      case '\b': to += "\\b"; break;
      case '\f': to += "\\f"; break;
      case '\n': to += "\\n"; break;
      case '\r': to += "\\r"; break;
      case '\t': to += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          to += "\\u00";
          to += hex[c >> 4 & 0xf];
          to += hex[c & 0xf];
        } else {
          to += c;
        }
    }
  }
  to += '"';
}

void append(std::string& to, const value& tree);

void append(std::string& to, const object& tree) {
  to += '{';
  const char* comma = "";
  for (const auto& [key, child] : tree) {
    to += comma;
    append_string(to, key);
    to += ':';
    append(to, child);
    comma = ",";
  }
  to += '}';
}

void append(std::string& to, const array& elements) {
  to += '[';
  const char* comma = "";
  for (const auto& element : elements) {
    to += comma;
    append(to, element);
    comma = ",";
  }
  to += ']';
}

void append(std::string& to, const value& tree) {
  if (const auto* boolean = tree.as_bool())
    to += *boolean ? "true" : "false";
  else if (const auto* integer = tree.as_int())
    append_number(to, *integer);
  else if (const auto* big = tree.as_big())
    append_number(to, *big);
  else if (const auto* floating = tree.as_double())
    append_double(to, *floating);
  else if (const auto* text = tree.as_string())
    append_string(to, *text);
  else if (const auto* elements = tree.as_array())
    append(to, *elements);
  else if (const auto* members = tree.as_object())
    append(to, *members);
  else
    to += "null";
}

} // namespace

std::string to_json(const value& tree) {
  std::string text;
  append(text, tree);
  return text;
}

std::string to_json(const object& tree) {
  std::string text;
  append(text, tree);
  return text;
}

} // namespace grape::payload
