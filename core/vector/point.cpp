#include "core/vector/point.hpp"

#include "core/hex_digit.hpp"

#include <algorithm>
#include <cstring>

namespace grape {

namespace {

status not_an_id(std::string_view text) {
  return {errc::malformed, "value \"" + std::string(text)
                             + "\" is not a valid point ID, valid values are either an unsigned"
                               " integer or a UUID"};
}

/// Takes off the decoration of the urn and braced forms; leaves anything else alone.
std::string_view bare(std::string_view text) noexcept {
  constexpr std::string_view urn = "urn:uuid:";
  if (text.starts_with(urn))
    return text.substr(urn.size());
  if (text.size() == 38 && text.front() == '{' && text.back() == '}')
    return text.substr(1, 36);
  return text;
}

constexpr bool has_hyphen_before(std::size_t byte) noexcept {
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

} // namespace

outcome<point_id> point_id::parse_uuid(std::string_view text) {
  const auto digits = bare(text);
  const auto hyphenated = digits.size() == 36;
  if (!hyphenated && (digits.size() != 32 || digits.size() != text.size()))
    return not_an_id(text);
  uuid name;
  std::size_t at = 0;
  for (std::size_t i = 0; i < name.bytes.size(); ++i) {
    if (hyphenated && has_hyphen_before(i) && digits[at++] != '-')
      return not_an_id(text);
    const auto high = hex_digit(digits[at++]);
    const auto low = hex_digit(digits[at++]);
    if (high < 0 || low < 0)
      return not_an_id(text);
    name.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return point_id{name};
}

std::string point_id::text() const {
  if (is_number())
    return std::to_string(number());
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(36);
  for (std::size_t i = 0; i < name().bytes.size(); ++i) {
    if (has_hyphen_before(i))
      out += '-';
    out += digits[name().bytes[i] >> 4];
    out += digits[name().bytes[i] & 15];
  }
  return out;
}

const vector_value* find_vector(const named_vectors& vectors, std::string_view name) noexcept {
  const auto at = std::lower_bound(
    vectors.begin(), vectors.end(), name,
    [](const named_vector& v, std::string_view wanted) { return v.name < wanted; });
  return at != vectors.end() && at->name == name ? &at->value : nullptr;
}

} // namespace grape

std::size_t std::hash<grape::point_id>::operator()(const grape::point_id& id) const noexcept {
  // splitmix64 finaliser: sequential ids, the common case, must not land in neighbouring buckets.
  auto mix = [](std::uint64_t x) {
    x += 0x9e3779b97f4a7c15ull;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
  };
  if (id.is_number())
    return static_cast<std::size_t>(mix(id.number()));
  std::uint64_t halves[2];
  std::memcpy(halves, id.name().bytes.data(), sizeof halves);
  return static_cast<std::size_t>(mix(halves[0] ^ mix(halves[1])));
}
