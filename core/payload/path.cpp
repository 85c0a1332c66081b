#include "core/payload/path.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace grape::payload {

namespace {

bool is_bare(char c) noexcept {
  // Beyond ASCII everything passes: Unicode's letters and digits do, and a payload key made of
  // anything else is better found than refused.
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
         || c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

/// Takes one key off the front of `rest`.
std::optional<std::string> take_key(std::string_view& rest) {
  if (!rest.empty() && rest.front() == '"') {
    const auto end = rest.find_first_of("\\\"", 1);
    if (end == std::string_view::npos || rest[end] != '"')
      return std::nullopt;
    std::string key{rest.substr(1, end - 1)};
    rest.remove_prefix(end + 1);
    return key;
  }
  const auto end = std::find_if_not(rest.begin(), rest.end(), is_bare);
  std::string key{rest.begin(), end};
  if (key.empty())
    return std::nullopt;
  rest.remove_prefix(key.size());
  return key;
}

/// Takes "[]" or "[n]" off the front of `rest`, which starts with '['.
std::optional<path_step> take_bracket(std::string_view& rest) {
  const auto end = rest.find(']');
  if (end == std::string_view::npos)
    return std::nullopt;
  const auto inside = rest.substr(1, end - 1);
  rest.remove_prefix(end + 1);
  if (inside.empty())
    return every_element{};
  std::size_t place = 0;
  const auto* last = inside.data() + inside.size();
  const auto [stop, fault] = std::from_chars(inside.data(), last, place);
  if (fault != std::errc{} || stop != last)
    return std::nullopt;
  return place;
}

std::optional<path_step> take_step(std::string_view& rest) {
  if (rest.front() == '[')
    return take_bracket(rest);
  if (rest.front() != '.')
    return std::nullopt;
  rest.remove_prefix(1);
  return take_key(rest);
}

void append_key(std::string& to, const std::string& key) {
  const auto bare = !key.empty() && std::all_of(key.begin(), key.end(), is_bare);
  to += bare ? key : '"' + key + '"';
}

} // namespace

outcome<path> path::parse(std::string_view text) {
  if (text.size() > path_bytes_max)
    return status{errc::malformed, "Invalid json path: it is longer than "
                                     + std::to_string(path_bytes_max) + " bytes"};
  const status refusal{errc::malformed, "Invalid json path: '" + std::string(text) + "'"};
  auto rest = text;
  auto first = take_key(rest);
  if (!first)
    return refusal;
  path parsed;
  parsed.steps_.emplace_back(std::move(*first));
  while (!rest.empty()) {
    auto step = take_step(rest);
    if (!step)
      return refusal;
    parsed.steps_.push_back(std::move(*step));
    if (parsed.steps_.size() > path_steps_max)
      return status{errc::malformed, "Invalid json path: it has more than "
                                       + std::to_string(path_steps_max) + " steps"};
  }
  return parsed;
}

bool path::leads_to_one() const noexcept {
  return std::none_of(steps_.begin(), steps_.end(), [](const path_step& step) {
    return std::holds_alternative<every_element>(step);
  });
}

std::string path::text() const {
  std::string text;
  for (const auto& step : steps_) {
    if (const auto* key = std::get_if<std::string>(&step)) {
      if (!text.empty())
        text += '.';
      append_key(text, *key);
    } else if (const auto* place = std::get_if<std::size_t>(&step)) {
      text += '[' + std::to_string(*place) + ']';
    } else {
      text += "[]";
    }
  }
  return text;
}

path path::with_every_element() const {
  auto longer = *this;
  if (!std::holds_alternative<every_element>(longer.steps_.back()))
    longer.steps_.emplace_back(every_element{});
  return longer;
}

path path::followed_by(const path& inner) const {
  auto longer = *this;
  longer.steps_.insert(longer.steps_.end(), inner.steps_.begin(), inner.steps_.end());
  return longer;
}

} // namespace grape::payload
