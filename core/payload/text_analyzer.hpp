#pragma once

#include "core/outcome.hpp"
#include "core/payload/filter.hpp"
#include "core/payload/value.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace grape::payload {

/// How a text is cut into tokens.
enum class tokenizer : std::uint8_t { word, whitespace, prefix, multilingual };

/// What the parameters of a text index ask for.
struct text_options {
  tokenizer cut = tokenizer::word;
  std::optional<std::uint64_t> token_characters_min;
  std::optional<std::uint64_t> token_characters_max;
  bool lowercase = true;
  bool ascii_folding = false;
  bool phrase_matching = false;
  std::set<std::string, std::less<>> stop_words; ///< As tokens look when they are compared.
  std::string stemmer;                           ///< A language that `has_stemmer`; empty = none.

  friend bool operator==(const text_options&, const text_options&) = default;
};

/// Reads the parameters of a text index as clients give them: `tokenizer`, `min_token_len`,
/// `max_token_len`, `lowercase`, `ascii_folding`, `phrase_matching`, `stopwords` (a language, or
/// `{languages, custom}`), `stemmer`. Error: bad_request (an unknown language, a wrong type).
outcome<text_options> read_text_options(const std::optional<object>& params);

/// Makes tokens of texts. Immutable, thread-safe.
class text_analyzer {
public:
  explicit text_analyzer(text_options options)
    : options_(std::move(options)) {}

  const text_options& options() const noexcept { return options_; }

  /// The tokens of a stored text in order; those of a prefix index are all beginnings of its words.
  std::vector<std::string> document_tokens(std::string_view text) const;

  /// The tokens that stored texts must have, each once; an empty list is found nowhere.
  std::vector<std::string> query_tokens(std::string_view text) const;

  /// The tokens that must follow each other for a phrase. Needs options().phrase_matching.
  std::vector<std::string> phrase_tokens(std::string_view text) const {
    return document_tokens(text);
  }

private:
  using token_visitor = std::function<void(std::string&&)>;

  void cut(std::string_view text, const token_visitor& visit) const;
  std::string normalised(std::string_view word) const;
  bool is_long_enough(std::string_view token) const;
  std::optional<std::string> processed(std::string&& word) const;

  text_options options_;
};

/// Whether the strings of one field have the wanted words; the meaning of a text index, slowly.
bool has_words(const std::vector<std::string_view>& strings, const match_text& wanted,
               const text_analyzer& analyzer);
bool has_words(const std::vector<std::string_view>& strings, const match_fuzzy& wanted,
               const text_analyzer& analyzer);

} // namespace grape::payload
