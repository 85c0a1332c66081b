#include "core/payload/string_match.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>

namespace grape::payload {

namespace {

bool is_space(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// Neither white space nor punctuation; what lies beyond ASCII belongs to words.
bool is_word(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || static_cast<unsigned char>(c) >= 0x80;
}

template <class Belongs>
std::vector<std::string_view> split(std::string_view text, Belongs belongs) {
  std::vector<std::string_view> parts;
  for (auto at = text.begin(); at != text.end();) {
    const auto first = std::find_if(at, text.end(), belongs);
    at = std::find_if_not(first, text.end(), belongs);
    if (first != at)
      parts.emplace_back(first, at);
  }
  return parts;
}

/// Bytes of the character at the front of a text that is not empty.
std::size_t character_bytes(std::string_view text) noexcept {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t wanted = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  std::size_t bytes = 1;
  while (bytes < wanted && bytes < text.size()
         && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80)
    ++bytes;
  return bytes;
}

/// Each character as a number; which one does not matter, only that equal ones are equal.
std::vector<std::uint32_t> characters(std::string_view text) {
  std::vector<std::uint32_t> all;
  while (!text.empty()) {
    std::uint32_t number = 0;
    const auto bytes = character_bytes(text);
    for (std::size_t i = 0; i < bytes; ++i)
      number = number << 8 | static_cast<unsigned char>(text[i]);
    all.push_back(number);
    text.remove_prefix(bytes);
  }
  return all;
}

/// One step of a pattern: takes it off the front of both, or says that it does not fit.
bool take_one(std::string_view& text, std::string_view& pattern) noexcept {
  const auto bytes = character_bytes(text);
  if (pattern.front() == '_') {
    text.remove_prefix(bytes);
    pattern.remove_prefix(1);
    return true;
  }
  auto literal = pattern;
  if (literal.front() == '\\' && literal.size() > 1)
    literal.remove_prefix(1);
  const auto wanted = literal.substr(0, character_bytes(literal));
  if (!text.starts_with(wanted))
    return false;
  text.remove_prefix(wanted.size());
  pattern = literal.substr(wanted.size());
  return true;
}

} // namespace

bool has_text(std::string_view text, const match_text& wanted) {
  if (wanted.wanted != text_match::any)
    return text.find(wanted.text) != std::string_view::npos;
  const auto words = split(wanted.text, [](char c) { return !is_space(c); });
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

bool is_like(std::string_view text, std::string_view pattern) {
  // Greedy, with one place to come back to: a later `%` makes an earlier one's choice final.
  std::string_view text_again;
  std::string_view pattern_again;
  bool may_come_back = false;
  for (;;) {
    if (!pattern.empty() && pattern.front() == '%') {
      pattern.remove_prefix(1);
      text_again = text;
      pattern_again = pattern;
      may_come_back = true;
      continue;
    }
    if (text.empty() && pattern.empty())
      return true;
    if (!text.empty() && !pattern.empty() && take_one(text, pattern))
      continue;
    if (!may_come_back || text_again.empty())
      return false;
    text_again.remove_prefix(character_bytes(text_again));
    text = text_again;
    pattern = pattern_again;
  }
}

bool is_similar(std::string_view a, std::string_view b, std::size_t edits) {
  if (edits == 0 || a == b)
    return a == b;
  const auto from = characters(a);
  const auto to = characters(b);
  if (from.size() > to.size() + edits || to.size() > from.size() + edits)
    return false;
  // Wagner and Fischer's table, one row at a time.
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    auto diagonal = std::exchange(row[0], i + 1);
    auto least = row[0];
    for (std::size_t j = 0; j < to.size(); ++j) {
      const auto replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
      least = std::min(least, row[j + 1]);
    }
    if (least > edits)
      return false;
  }
  return row.back() <= edits;
}

bool has_similar_words(std::string_view text, const match_fuzzy& wanted) {
  const auto words = split(text, is_word);
  const auto asked = split(wanted.text, is_word);
  return !asked.empty() && std::all_of(asked.begin(), asked.end(), [&](std::string_view one) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return is_similar(one, word, wanted.edits); });
  });
}

} // namespace grape::payload
