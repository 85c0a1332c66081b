#include "core/payload/text_analyzer.hpp"

#include "core/payload/stemmer.hpp"
#include "core/payload/string_match.hpp"
#include "core/payload/unicode.hpp"

#include <algorithm>

namespace grape::payload {

void text_analyzer::cut(std::string_view text, const token_visitor& visit) const {
  const auto plain = [&](std::string_view word) { visit(std::string{word}); };
  switch (options_.cut) {
    case tokenizer::word:
    case tokenizer::prefix: return unicode::for_each_alphanumeric(text, plain);
    case tokenizer::whitespace: return unicode::for_each_spaced(text, plain);
    case tokenizer::multilingual:
      return unicode::for_each_segment(
          text, [&](std::string_view word) { visit(unicode::plain_form(word)); });
  }
}

std::string text_analyzer::normalised(std::string_view word) const {
  auto token = options_.ascii_folding ? unicode::ascii_folded(word) : std::string{word};
  return options_.lowercase ? unicode::lower(token) : token;
}

bool text_analyzer::is_long_enough(std::string_view token) const {
  return !options_.token_characters_min
         || unicode::characters(token) >= *options_.token_characters_min;
}

/// The token that a word becomes, its greatest length aside, unless it is dropped.
std::optional<std::string> text_analyzer::processed(std::string&& word) const {
  auto token = normalised(word);
  if (token.empty() || options_.stop_words.contains(token))
    return std::nullopt;
  if (!options_.stemmer.empty())
    token = stem(token, options_.stemmer);
  return is_long_enough(token) ? std::optional{std::move(token)} : std::nullopt;
}

std::vector<std::string> text_analyzer::document_tokens(std::string_view text) const {
  std::vector<std::string> tokens;
  cut(text, [&](std::string&& word) {
    auto token = processed(std::move(word));
    if (!token)
      return;
    const auto characters = unicode::characters(*token);
    const auto most = options_.token_characters_max.value_or(characters);
    if (options_.cut != tokenizer::prefix) {
      if (characters <= most)
        tokens.push_back(std::move(*token));
      return;
    }
    const auto least = std::max<std::uint64_t>(options_.token_characters_min.value_or(1), 1);
    for (auto length = least; length < characters && length <= most; ++length)
      tokens.push_back(token->substr(0, unicode::bytes_of_first(*token, length)));
    if (characters <= most)
      tokens.push_back(std::move(*token));
  });
  return tokens;
}

std::vector<std::string> text_analyzer::query_tokens(std::string_view text) const {
  std::vector<std::string> tokens;
  if (options_.cut != tokenizer::prefix) {
    tokens = document_tokens(text);
  } else {
    // Stop words stay: they may be where longer words begin.
    cut(text, [&](std::string&& word) {
      auto token = normalised(word);
      if (!options_.stemmer.empty())
        token = stem(token, options_.stemmer);
      if (!is_long_enough(token))
        return;
      if (options_.token_characters_max)
        token.resize(unicode::bytes_of_first(token, *options_.token_characters_max));
      tokens.push_back(std::move(token));
    });
  }
  std::sort(tokens.begin(), tokens.end());
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  return tokens;
}

bool has_words(const std::vector<std::string_view>& strings, const match_text& wanted,
               const text_analyzer& analyzer) {
  std::vector<std::vector<std::string>> documents;
  for (const auto text : strings)
    documents.push_back(analyzer.document_tokens(text));
  if (wanted.wanted == text_match::phrase && analyzer.options().phrase_matching) {
    const auto phrase = analyzer.phrase_tokens(wanted.text);
    return !phrase.empty() && std::any_of(documents.begin(), documents.end(), [&](const auto& d) {
      return std::search(d.begin(), d.end(), phrase.begin(), phrase.end()) != d.end();
    });
  }
  const auto tokens = analyzer.query_tokens(wanted.text);
  const auto is_there = [&](const std::string& token) {
    return std::any_of(documents.begin(), documents.end(), [&](const auto& d) {
      return std::find(d.begin(), d.end(), token) != d.end();
    });
  };
  if (wanted.wanted == text_match::any)
    return std::any_of(tokens.begin(), tokens.end(), is_there);
  return !tokens.empty() && std::all_of(tokens.begin(), tokens.end(), is_there);
}

bool has_words(const std::vector<std::string_view>& strings, const match_fuzzy& wanted,
               const text_analyzer& analyzer) {
  const auto tokens = analyzer.query_tokens(wanted.text);
  std::vector<std::string> known;
  for (const auto text : strings)
    for (auto& token : analyzer.document_tokens(text))
      known.push_back(std::move(token));
  return !tokens.empty() && std::all_of(tokens.begin(), tokens.end(), [&](const auto& token) {
    return std::any_of(known.begin(), known.end(),
                       [&](const auto& other) { return is_similar(token, other, wanted.edits); });
  });
}

} // namespace grape::payload
