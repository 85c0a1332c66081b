#include "net/http/query_string.hpp"

#include "core/hex_digit.hpp"
#include "net/http/json.hpp"

#include <charconv>
#include <limits>

namespace grape::http {

namespace {

status unparsable(std::string text) {
  return {errc::malformed, "Deserialize error in query parameters: " + std::move(text)};
}

status out_of_range(std::string text) {
  return {errc::invalid, "Validation error in query parameters: [" + std::move(text) + "]"};
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stop != end)
    return std::nullopt;
  return value;
}

/// Seconds as milliseconds, as many as fit.
std::uint32_t milliseconds(std::uint64_t seconds) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(seconds > most / 1'000 ? most : seconds * 1'000);
}

outcome<bool> read_bool(std::string_view text) {
  if (text == "true")
    return true;
  if (text == "false")
    return false;
  return unparsable("provided string was not `true` or `false`");
}

outcome<read_level> read_consistency(std::string_view text) {
  if (text == "majority" || text == "quorum")
    return read_level::read_quorum;
  if (text == "all")
    return read_level::all_replicas;
  if (text == "eventual")
    return read_level::eventual;
  if (text == "linearizable")
    return read_level::linearizable;
  const auto factor = whole_number(text);
  if (!factor || *factor == 0)
    return unparsable("failed to deserialize read consistency query parameter value '"
                      + std::string(text) + "'");
  return *factor == 1 ? read_level::eventual : read_level::read_quorum;
}

outcome<write_ack> read_ack(std::string_view text) {
  if (text == "eventual")
    return write_ack::eventual;
  if (text == "write_quorum")
    return write_ack::write_quorum;
  if (text == "all")
    return write_ack::all;
  return unparsable("unknown variant `" + std::string(text)
                    + "`, expected one of `eventual`, `write_quorum`, `all`");
}

/// Seconds, at least one; nothing if absent or empty.
outcome<std::optional<std::uint64_t>> read_timeout(const query_string& from) {
  const auto text = from.find("timeout");
  if (!text || text->empty())
    return std::optional<std::uint64_t>{};
  const auto seconds = whole_number(*text);
  if (!seconds)
    return unparsable("invalid digit found in string");
  if (*seconds == 0)
    return out_of_range("timeout: value 0 invalid, must be 1 or larger");
  return std::optional{*seconds};
}

} // namespace

outcome<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
      continue;
    }
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const auto low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low < 0)
      return status{errc::malformed, "invalid percent-encoding"};
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (!json::is_utf8(out))
    return status{errc::malformed, "invalid utf-8 sequence"};
  return out;
}

outcome<query_string> query_string::parse(std::string_view text) {
  query_string out;
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (pair.empty())
      continue;
    const auto equals = pair.find('=');
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(
      equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1), true);
    if (!name || !value)
      return unparsable((name ? value : name).error().detail);
    out.values_.insert_or_assign(*std::move(name), *std::move(value));
  }
  return out;
}

std::optional<std::string_view> query_string::find(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::nullopt : std::optional<std::string_view>{found->second};
}

outcome<bool> query_string::flag(std::string_view name) const {
  const auto text = find(name);
  return text && !text->empty() ? read_bool(*text) : outcome<bool>{false};
}

outcome<std::optional<std::uint64_t>> query_string::whole(std::string_view name) const {
  const auto text = find(name);
  if (!text || text->empty())
    return std::optional<std::uint64_t>{};
  const auto number = whole_number(*text);
  if (!number)
    return unparsable("invalid digit found in string");
  return number;
}

outcome<read_options> query_string::for_read(std::uint32_t default_ms) const {
  read_options out;
  out.timeout_ms = default_ms;
  if (const auto text = find("consistency"); text && !text->empty()) {
    const auto level = read_consistency(*text);
    if (!level)
      return level.error();
    out.level = *level;
  }
  const auto seconds = read_timeout(*this);
  if (!seconds)
    return seconds.error();
  if (*seconds)
    out.timeout_ms = milliseconds(**seconds);
  out.names_timeout = seconds->has_value();
  if (const auto text = find("explain"); text && !text->empty()) {
    const auto explain = read_bool(*text);
    if (!explain)
      return explain.error();
    out.explain = *explain;
  }
  return out;
}

outcome<write_options> query_string::for_write() const {
  write_options out;
  if (const auto text = find("wait"); text && !text->empty()) {
    const auto wait = read_bool(*text);
    if (!wait)
      return wait.error();
    out.wait = *wait;
  }
  if (const auto text = find("ordering"); text && !text->empty())
    // Every write goes through its shard's leader, which is the strongest of the three.
    if (*text != "weak" && *text != "medium" && *text != "strong")
      return unparsable("unknown variant `" + std::string(*text)
                        + "`, expected one of `weak`, `medium`, `strong`");
  const auto seconds = read_timeout(*this);
  if (!seconds)
    return seconds.error();
  if (*seconds)
    out.timeout_ms = milliseconds(**seconds);
  if (const auto text = find("ack"); text && !text->empty()) {
    const auto ack = read_ack(*text);
    if (!ack)
      return ack.error();
    out.ack = *ack;
  }
  return out;
}

status query_string::check_timeout() const {
  const auto seconds = read_timeout(*this);
  return seconds ? status{} : seconds.error();
}

outcome<std::uint32_t> query_string::timeout_ms() const {
  const auto seconds = read_timeout(*this);
  if (!seconds)
    return seconds.error();
  return *seconds ? milliseconds(**seconds) : 0;
}

} // namespace grape::http
