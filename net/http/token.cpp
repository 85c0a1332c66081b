#include "net/http/token.hpp"

#include "core/codec/sha256.hpp"
#include "net/http/json.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

namespace grape::http {

namespace {

constexpr std::uint64_t leeway_s = 30;

status no_token() {
  return {errc::malformed, "no token"};
}

std::string_view as_text(const std::array<std::uint8_t, 32>& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::optional<unsigned> value_of(char digit) {
  if (digit >= 'A' && digit <= 'Z')
    return static_cast<unsigned>(digit - 'A');
  if (digit >= 'a' && digit <= 'z')
    return static_cast<unsigned>(digit - 'a' + 26);
  if (digit >= '0' && digit <= '9')
    return static_cast<unsigned>(digit - '0' + 52);
  if (digit == '-')
    return 62;
  if (digit == '_')
    return 63;
  return {};
}

outcome<payload::object> parse_part(std::string_view part) {
  auto text = decode_base64url(part);
  if (!text)
    return std::move(text).error();
  const auto document = json::document::parse(*text);
  if (!document || document->root().type() != json::kind::object)
    return no_token();
  auto tree = document->root().tree();
  return std::move(*tree.as_object());
}

const std::string* text_in(const payload::object& of, std::string_view key) {
  const auto* found = of.find(key);
  return found == nullptr ? nullptr : found->as_string();
}

/// Absent and null are the same.
const payload::value* claim(const payload::object& claims, std::string_view name) {
  const auto* found = claims.find(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

status check_time(const payload::object& claims, std::uint64_t unix_s) {
  const auto* expires = claim(claims, "exp");
  if (expires == nullptr)
    return {};
  if (!expires->is_number() || expires->number() < 0)
    return no_token();
  if (expires->number() + static_cast<double>(leeway_s) < static_cast<double>(unix_s))
    return {errc::forbidden, "ExpiredSignature"};
  return {};
}

outcome<collection_grant> read_collection(const payload::value& of) {
  const auto* inside = of.as_object();
  const auto* name = inside == nullptr ? nullptr : text_in(*inside, "collection");
  const auto* right = inside == nullptr ? nullptr : text_in(*inside, "access");
  if (name == nullptr || right == nullptr)
    return no_token();
  if (claim(*inside, "payload") != nullptr)
    return status{errc::unauthenticated,
                  "The 'payload' constraint is deprecated and should not be used"};
  if (*right == "r")
    return collection_grant{*name, collection_right::read};
  if (*right == "rw")
    return collection_grant{*name, collection_right::write};
  if (*right == "prw")
    return collection_grant{*name, collection_right::write_points};
  return no_token();
}

status read_access(const payload::value& of, access_grant& into) {
  using scope = access_grant::scope;
  if (const auto* text = of.as_string()) {
    into.reaches = *text == "m" ? scope::manage : scope::read;
    return *text == "m" || *text == "r" ? status{} : no_token();
  }
  const auto* list = of.as_array();
  if (list == nullptr)
    return no_token();
  into.reaches = scope::collections;
  std::set<std::string> names;
  for (const auto& one : *list) {
    auto grant = read_collection(one);
    if (!grant)
      return std::move(grant).error();
    if (!names.insert(grant->collection).second)
      return {errc::unauthenticated, "Collection name should be unique"};
    into.collections.push_back(std::move(*grant));
  }
  return {};
}

std::optional<payload::match_value> match_of(const payload::value& of) {
  if (const auto* flag = of.as_bool())
    return payload::match_value{*flag};
  if (const auto* number = of.as_int())
    return payload::match_value{*number};
  if (const auto* text = of.as_string())
    return payload::match_value{*text};
  return {};
}

status read_value_claim(const payload::value& of, access_grant& into) {
  const auto* inside = of.as_object();
  const auto* name = inside == nullptr ? nullptr : text_in(*inside, "collection");
  const auto* matches = inside == nullptr ? nullptr : inside->find("matches");
  if (name == nullptr || matches == nullptr || matches->as_array() == nullptr)
    return no_token();
  value_claim made{*name, {}};
  for (const auto& one : *matches->as_array()) {
    const auto* pair = one.as_object();
    const auto* key = pair == nullptr ? nullptr : text_in(*pair, "key");
    const auto* value = pair == nullptr ? nullptr : pair->find("value");
    const auto wanted = value == nullptr ? std::nullopt : match_of(*value);
    if (key == nullptr || !wanted)
      return no_token();
    made.filter.must.push_back({payload::field_condition{*key, {*wanted}}});
  }
  into.must_exist = std::move(made);
  return {};
}

outcome<access_grant> grant_of(const payload::object& claims) {
  access_grant made;
  // Absent it stands for everything; null must not, for nobody wrote that to grant all.
  if (const auto* access = claims.find("access"))
    if (auto read = read_access(*access, made); !read.ok())
      return read;
  if (const auto* value = claim(claims, "value_exists"))
    if (auto read = read_value_claim(*value, made); !read.ok())
      return read;
  return made;
}

} // namespace

std::string hmac_sha256(std::string_view secret, std::string_view text) {
  constexpr std::size_t block = 64;
  std::string key{secret.size() > block ? as_text(codec::sha256(secret)) : secret};
  key.resize(block, '\0');
  auto inner = key;
  auto outer = key;
  for (auto& byte : inner)
    byte = static_cast<char>(byte ^ 0x36);
  for (auto& byte : outer)
    byte = static_cast<char>(byte ^ 0x5C);
  const auto first = codec::sha256(inner.append(text));
  return std::string{as_text(codec::sha256(outer.append(as_text(first))))};
}

outcome<std::string> decode_base64url(std::string_view text) {
  std::string bytes;
  unsigned collected = 0;
  int bits = 0;
  for (const auto digit : text) {
    const auto value = value_of(digit);
    if (!value)
      return no_token();
    collected = ((collected << 6) | *value) & 0xFFFFu;
    bits += 6;
    if (bits < 8)
      continue;
    bits -= 8;
    bytes.push_back(static_cast<char>((collected >> bits) & 0xFFu));
  }
  // What is left over is part of no byte: at most four bits, and all of them 0.
  if (bits > 4 || (collected & ((1u << bits) - 1)) != 0)
    return no_token();
  return bytes;
}

outcome<access_grant> read_token(std::string_view token, std::string_view secret,
                                 std::uint64_t unix_s) {
  const auto first = token.find('.');
  const auto second = first == token.npos ? token.npos : token.find('.', first + 1);
  if (second == token.npos || token.find('.', second + 1) != token.npos)
    return no_token();
  const auto header = parse_part(token.substr(0, first));
  const auto* algorithm = header ? text_in(*header, "alg") : nullptr;
  const auto signature = decode_base64url(token.substr(second + 1));
  if (algorithm == nullptr || *algorithm != "HS256" || !signature)
    return no_token();
  if (!is_same_secret(hmac_sha256(secret, token.substr(0, second)), *signature))
    return status{errc::forbidden, "InvalidSignature"};
  const auto claims = parse_part(token.substr(first + 1, second - first - 1));
  if (!claims)
    return no_token();
  if (auto timely = check_time(*claims, unix_s); !timely.ok())
    return timely;
  return grant_of(*claims);
}

} // namespace grape::http
