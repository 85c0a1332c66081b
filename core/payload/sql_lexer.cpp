#include "core/payload/sql_lexer.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace grape::payload {

namespace {

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// Of payload paths; brackets and quotes aside.
bool is_word(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-'
         || c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_space(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

} // namespace

bool sql_token::is_word(std::string_view wanted) const noexcept {
  return kind == type::word && text.size() == wanted.size()
         && std::equal(text.begin(), text.end(), wanted.begin(), [](char a, char b) {
              return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b;
            });
}

sql_token sql_lexer::next() {
  while (is_space(at(at_)))
    ++at_;
  sql_token made;
  made.begin = at_;
  if (at_ >= text_.size())
    return made;
  const auto c = at(at_);
  if (c == '\'')
    return quoted(std::move(made));
  const auto signed_number =
      (c == '-' || c == '+') && (is_digit(at(at_ + 1)) || at(at_ + 1) == '.');
  if (is_digit(c) || signed_number || (c == '.' && is_digit(at(at_ + 1))))
    return numeric(std::move(made));
  if (payload::is_word(c) || c == '"')
    return word(std::move(made));
  return symbol(std::move(made));
}

sql_token sql_lexer::quoted(sql_token made) {
  made.kind = sql_token::type::text;
  for (++at_; at_ < text_.size(); ++at_) {
    if (at(at_) != '\'') {
      made.text += at(at_);
    } else if (at(at_ + 1) == '\'') {
      made.text += '\'';
      ++at_;
    } else {
      ++at_;
      return made;
    }
  }
  made.kind = sql_token::type::wrong; // It never ends.
  return made;
}

sql_token sql_lexer::numeric(sql_token made) {
  const auto from = text_.substr(at_ + (at(at_) == '+' ? 1 : 0));
  const auto* begin = from.data();
  const auto* end = begin + from.size();
  const auto whole = std::from_chars(begin, end, made.integer);
  const auto real = std::from_chars(begin, end, made.number);
  made.kind = whole.ec == std::errc{} && whole.ptr == real.ptr ? sql_token::type::integer
                                                               : sql_token::type::number;
  if (real.ec != std::errc{} || !std::isfinite(made.number)
      || (real.ptr != end && payload::is_word(*real.ptr)))
    made.kind = sql_token::type::wrong;
  at_ = static_cast<std::size_t>(std::max(real.ptr, begin + 1) - text_.data());
  return made;
}

/// Letters, dots, [brackets] and "quoted keys", side by side.
sql_token sql_lexer::word(sql_token made) {
  made.kind = sql_token::type::word;
  while (at_ < text_.size()) {
    const auto c = at(at_);
    auto end = at_ + 1;
    if (c == '"' || c == '[') {
      const auto closing = text_.find(c == '"' ? '"' : ']', end);
      if (closing == std::string_view::npos) {
        made.kind = sql_token::type::wrong;
        at_ = text_.size();
        return made;
      }
      end = closing + 1;
    } else if (!payload::is_word(c)) {
      return made;
    }
    made.text += text_.substr(at_, end - at_);
    at_ = end;
  }
  return made;
}

sql_token sql_lexer::symbol(sql_token made) {
  for (const std::string_view known : {"!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ","})
    if (text_.substr(at_).starts_with(known)) {
      made.kind = sql_token::type::symbol;
      made.text = known;
      at_ += known.size();
      return made;
    }
  made.kind = sql_token::type::wrong;
  ++at_;
  return made;
}

} // namespace grape::payload
