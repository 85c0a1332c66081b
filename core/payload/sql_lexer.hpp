#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace grape::payload {

/// A piece of SQL.
struct sql_token {
  enum class type : std::uint8_t {
    word,    ///< A keyword or a payload path, as it stands there.
    text,    ///< What single quotes hold.
    integer, ///< Fits 64 bits.
    number,
    symbol,
    end,
    wrong, ///< Nothing of SQL's.
  };

  type kind = type::end;
  std::string text; ///< Of words, texts and symbols.
  std::int64_t integer = 0;
  double number = 0;
  std::size_t begin = 0; ///< Where it begins, in bytes.

  bool is_literal() const noexcept {
    return kind == type::text || kind == type::integer || kind == type::number;
  }

  bool is_symbol(std::string_view wanted) const noexcept {
    return kind == type::symbol && text == wanted;
  }

  /// `wanted` in capitals; a word is one in any case.
  bool is_word(std::string_view wanted) const noexcept;
};

/// Cuts a text into tokens.
class sql_lexer {
public:
  explicit sql_lexer(std::string_view text)
    : text_(text) {}

  /// The next one; for ever the end once that is reached.
  sql_token next();

private:
  sql_token quoted(sql_token made);
  sql_token numeric(sql_token made);
  sql_token word(sql_token made);
  sql_token symbol(sql_token made);
  char at(std::size_t place) const noexcept { return place < text_.size() ? text_[place] : '\0'; }

  std::string_view text_;
  std::size_t at_ = 0;
};

} // namespace grape::payload
