#include "tools/raft_drive/arguments.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>

namespace grape::raft_drive {

namespace {

// Room for the terms and indexes that follow; they count up by one.
constexpr std::uint64_t number_max = std::numeric_limits<std::int64_t>::max();

bool is_option(std::string_view word, std::string_view name) {
  return word.size() > name.size() && word.starts_with(name) && word[name.size()] == '=';
}

} // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  if (text.empty())
    return parts;
  for (std::size_t from = 0;;) {
    const auto end = text.find(separator, from);
    parts.emplace_back(text.substr(from, end - from));
    if (end == std::string_view::npos)
      return parts;
    from = end + 1;
  }
}

arguments::arguments(std::string_view line) {
  constexpr std::string_view blanks = " \t\r";
  for (auto from = line.find_first_not_of(blanks); from != std::string_view::npos;) {
    const auto end = std::min(line.find_first_of(blanks, from), line.size());
    words_.emplace_back(line.substr(from, end - from));
    from = line.find_first_not_of(blanks, end);
  }
}

bool arguments::more() const {
  return error_.empty() && !words_.empty();
}

std::string arguments::word(std::string_view what) {
  if (words_.empty()) {
    reject("missing: " + std::string{what});
    return {};
  }
  auto taken = std::move(words_.front());
  words_.erase(words_.begin());
  return taken;
}

std::uint64_t arguments::number(std::string_view what) {
  return parse_number(word(what), what);
}

replica_id arguments::id(std::string_view what) {
  const auto value = number(what);
  if (value == 0)
    reject(std::string{what} + ": ids begin at 1");
  return replica_id{value};
}

bool arguments::flag(std::string_view name) {
  const auto found = std::find(words_.begin(), words_.end(), name);
  if (found == words_.end())
    return false;
  words_.erase(found);
  return true;
}

void arguments::need(std::string_view option) {
  const auto is_it = [option](const auto& one) { return is_option(one, option); };
  if (std::none_of(words_.begin(), words_.end(), is_it))
    reject("missing: " + std::string{option} + "=");
}

std::optional<std::string> arguments::option(std::string_view name) {
  for (auto one = words_.begin(); one != words_.end(); ++one) {
    if (!is_option(*one, name))
      continue;
    auto value = one->substr(name.size() + 1);
    words_.erase(one);
    return value;
  }
  return std::nullopt;
}

std::uint64_t arguments::option_number(std::string_view name, std::uint64_t otherwise) {
  const auto text = option(name);
  return text ? parse_number(*text, name) : otherwise;
}

bool arguments::option_switch(std::string_view name) {
  const auto value = option_number(name, 0);
  if (value > 1)
    reject(std::string{name} + ": 0 or 1");
  return value == 1;
}

raft::replica_set arguments::option_ids(std::string_view name) {
  raft::replica_set ids;
  for (const auto value : option_numbers(name)) {
    if (value == 0)
      reject(std::string{name} + ": ids begin at 1");
    ids.emplace_back(value);
  }
  std::sort(ids.begin(), ids.end());
  if (std::adjacent_find(ids.begin(), ids.end()) != ids.end())
    reject(std::string{name} + ": an id twice");
  return ids;
}

std::vector<std::uint64_t> arguments::option_numbers(std::string_view name) {
  std::vector<std::uint64_t> numbers;
  for (const auto& part : split(option(name).value_or(""), ','))
    numbers.push_back(parse_number(part, name));
  return numbers;
}

std::vector<std::pair<std::uint64_t, std::string>> arguments::option_pairs(std::string_view name) {
  std::vector<std::pair<std::uint64_t, std::string>> pairs;
  for (const auto& part : split(option(name).value_or(""), ',')) {
    const auto colon = part.find(':');
    if (colon == std::string::npos) {
      reject(std::string{name} + ": no ':' in '" + part + "'");
      return {};
    }
    pairs.emplace_back(parse_number(part.substr(0, colon), name), part.substr(colon + 1));
  }
  return pairs;
}

std::uint64_t arguments::parse_number(std::string_view text, std::string_view what) {
  std::uint64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) {
    reject(std::string{what} + ": '" + std::string{text} + "' is no number");
    return 0;
  }
  if (value > number_max) {
    reject(std::string{what} + ": too large");
    return 0;
  }
  return value;
}

std::vector<std::string> arguments::rest() {
  return std::exchange(words_, {});
}

void arguments::reject(std::string what) {
  if (error_.empty())
    error_ = std::move(what);
}

bool arguments::complete() {
  if (!words_.empty())
    reject("unknown: '" + words_.front() + "'");
  return error_.empty();
}

} // namespace grape::raft_drive
