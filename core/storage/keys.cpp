#include "core/storage/keys.hpp"

#include "core/check.hpp"
#include "core/storage/big_endian.hpp"

#include <bit>
#include <cstring>

namespace grape::storage::keys {

namespace {

// The first byte of a stored id and of a stored value. They stand on disk: append, never renumber.
constexpr char number_id = 0;
constexpr char uuid_id = 1;
constexpr char bool_value = 1;
constexpr char integer_value = 2; // Of an integer index.
constexpr char number_value = 3;  // Of a float index, which holds integers as well.
constexpr char text_value = 4;

// What kind of number a float index holds: 5 and 5.0 lie side by side but are not the same.
constexpr char signed_number = 0;
constexpr char big_number = 1;
constexpr char float_number = 2;

constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;

status damaged(const char* what) {
  return {errc::corrupted, std::string("a stored key is damaged: ") + what};
}

bool take(std::string_view& rest, std::size_t count, std::string_view& out) noexcept {
  if (rest.size() < count)
    return false;
  out = rest.substr(0, count);
  rest.remove_prefix(count);
  return true;
}

void put_id(std::string& to, const point_id& id) {
  if (id.is_number()) {
    to += number_id;
    put_big_endian(to, id.number());
    return;
  }
  to += uuid_id;
  for (const auto byte : id.name().bytes)
    to += static_cast<char>(byte);
}

std::uint64_t order_of(std::int64_t value) noexcept {
  return static_cast<std::uint64_t>(value) ^ sign_bit;
}

std::int64_t integer_at(std::uint64_t order) noexcept {
  return static_cast<std::int64_t>(order ^ sign_bit);
}

// IEEE 754: positive numbers order as their bits do; negative ones the other way round.
std::uint64_t order_of(double value) noexcept {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  return (bits & sign_bit) != 0 ? ~bits : bits | sign_bit;
}

double double_at(std::uint64_t order) noexcept {
  return std::bit_cast<double>((order & sign_bit) != 0 ? order ^ sign_bit : ~order);
}

// A zero byte becomes 00 FF and the end is 00 01: shorter strings sort first, and no encoding is
// the beginning of another.
void put_text(std::string& to, std::string_view text) {
  for (const auto c : text) {
    to += c;
    if (c == '\0')
      to += '\xff';
  }
  to += '\0';
  to += '\1';
}

bool take_text(std::string_view& rest, std::string& out) {
  for (std::size_t at = 0; at + 1 < rest.size(); ++at) {
    out += rest[at];
    if (rest[at] != '\0')
      continue;
    if (rest[++at] == '\xff')
      continue;
    out.pop_back();
    const auto ended = rest[at] == '\1';
    rest.remove_prefix(at + 1);
    return ended;
  }
  return false;
}

void put_number(std::string& to, const payload::value& value) {
  put_big_endian(to, order_of(value.number()));
  if (const auto* integer = value.as_int()) {
    to += signed_number;
    put_big_endian(to, order_of(*integer));
  } else if (const auto* big = value.as_big()) {
    to += big_number;
    put_big_endian(to, *big);
  } else {
    to += float_number;
  }
}

bool take_number(std::string_view& rest, payload::value& out) {
  std::string_view order;
  std::string_view kind;
  if (!take(rest, 8, order) || !take(rest, 1, kind))
    return false;
  if (kind[0] == float_number) {
    out = payload::value(double_at(big_endian(order)));
    return true;
  }
  std::string_view exact;
  if ((kind[0] != signed_number && kind[0] != big_number) || !take(rest, 8, exact))
    return false;
  out = kind[0] == signed_number ? payload::value(integer_at(big_endian(exact)))
                                 : payload::value(big_endian(exact));
  return true;
}

bool take_value(std::string_view& rest, payload::value& out) {
  std::string_view tag;
  std::string_view bytes;
  if (!take(rest, 1, tag))
    return false;
  switch (tag[0]) {
    case bool_value:
      if (!take(rest, 1, bytes))
        return false;
      out = payload::value(bytes[0] != 0);
      return true;
    case integer_value:
      if (!take(rest, 8, bytes))
        return false;
      out = payload::value(integer_at(big_endian(bytes)));
      return true;
    case number_value:
      return take_number(rest, out);
    case text_value: {
      std::string text;
      if (!take_text(rest, text))
        return false;
      out = payload::value(std::move(text));
      return true;
    }
    default:
      return false;
  }
}

} // namespace

std::string of_point(std::string_view prefix, const point_id& id) {
  std::string key{prefix};
  put_id(key, id);
  return key;
}

outcome<point_id> take_id(std::string_view& rest) {
  std::string_view tag;
  std::string_view bytes;
  if (!take(rest, 1, tag) || (tag[0] != number_id && tag[0] != uuid_id)
      || !take(rest, tag[0] == number_id ? 8 : 16, bytes))
    return damaged("no point id");
  if (tag[0] == number_id)
    return point_id{big_endian(bytes)};
  uuid name;
  std::memcpy(name.bytes.data(), bytes.data(), name.bytes.size());
  return point_id{name};
}

std::string of_field(std::string_view field) {
  std::string key{fields};
  put_text(key, field);
  return key;
}

bool indexable(field_type type, const payload::value& value) noexcept {
  switch (type) {
    case field_type::keyword:
      return value.as_string() != nullptr;
    case field_type::integer:
      return value.as_int() != nullptr;
    case field_type::floating:
      return value.is_number();
    case field_type::boolean:
      return value.as_bool() != nullptr;
    case field_type::datetime:
    case field_type::uuid:
    case field_type::geo:
    case field_type::text:
      return false;
  }
  return false;
}

std::string of_field_value(std::string_view field_prefix, field_type type,
                           const payload::value& value, const point_id& id) {
  GRAPE_CHECK(indexable(type, value));
  std::string key{field_prefix};
  switch (type) {
    case field_type::keyword:
      key += text_value;
      put_text(key, *value.as_string());
      break;
    case field_type::integer:
      key += integer_value;
      put_big_endian(key, order_of(*value.as_int()));
      break;
    case field_type::floating:
      key += number_value;
      put_number(key, value);
      break;
    case field_type::boolean:
      key += bool_value;
      key += *value.as_bool() ? '\1' : '\0';
      break;
    case field_type::datetime:
    case field_type::uuid:
    case field_type::geo:
    case field_type::text:
      break; // Never indexable.
  }
  put_id(key, id);
  return key;
}

outcome<field_entry> parse_field_value(std::string_view rest) {
  field_entry out;
  if (!take_value(rest, out.value))
    return damaged("no field value");
  auto id = take_id(rest);
  if (!id)
    return std::move(id).error();
  if (!rest.empty())
    return damaged("bytes after a field key");
  out.id = *id;
  return out;
}

std::string of_change(log_index at, const point_id& id) {
  auto key = changes_from(at);
  put_id(key, id);
  return key;
}

std::string changes_from(log_index from) {
  std::string key{changes};
  put_big_endian(key, from.value);
  return key;
}

outcome<change_entry> parse_change(std::string_view rest) {
  std::string_view index;
  if (!take(rest, 8, index))
    return damaged("no log index");
  auto id = take_id(rest);
  if (!id)
    return std::move(id).error();
  if (!rest.empty())
    return damaged("bytes after a change key");
  return change_entry{log_index{big_endian(index)}, *id};
}

} // namespace grape::storage::keys
