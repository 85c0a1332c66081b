#include "core/payload/stemmer.hpp"
#include "core/payload/stop_word_lists.hpp"
#include "core/payload/text_analyzer.hpp"
#include "core/payload/unicode.hpp"

#include <algorithm>
#include <array>

namespace grape::payload {

namespace {

/// A language by its name or its code of two letters; empty if there is none.
std::string language_of(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 33> codes{{
      {"ar", "arabic"},   {"az", "azerbaijani"}, {"bn", "bengali"},    {"ca", "catalan"},
      {"da", "danish"},   {"de", "german"},      {"el", "greek"},      {"en", "english"},
      {"es", "spanish"},  {"eu", "basque"},      {"fi", "finnish"},    {"fr", "french"},
      {"he", "hebrew"},   {"hu", "hungarian"},   {"hy", "armenian"},   {"id", "indonesian"},
      {"it", "italian"},  {"ja", "japanese"},    {"kk", "kazakh"},     {"ne", "nepali"},
      {"nl", "dutch"},    {"no", "norwegian"},   {"pt", "portuguese"}, {"ro", "romanian"},
      {"ru", "russian"},  {"sl", "slovene"},     {"sv", "swedish"},    {"ta", "tamil"},
      {"tg", "tajik"},    {"tr", "turkish"},     {"zh", "chinese"},    {"hi-en", "hinglish"},
      {"jp", "japanese"},
  }};
  for (const auto& [code, language] : codes)
    if (name == code || name == language)
      return std::string{language};
  return {};
}

status wrong(const std::string& what) {
  return {errc::bad_request, "text index: " + what};
}

/// Reads one parameter after the other; the first fault stands.
class options_reader {
public:
  explicit options_reader(const object& params)
    : params_(params) {}

  outcome<text_options> read() {
    flag("lowercase", made_.lowercase);
    flag("ascii_folding", made_.ascii_folding);
    flag("phrase_matching", made_.phrase_matching);
    length("min_token_len", made_.token_characters_min);
    length("max_token_len", made_.token_characters_max);
    cut();
    if (const auto* words = params_.find("stopwords"))
      stop_words(*words);
    if (const auto* algorithm = params_.find("stemmer"))
      stemmer(*algorithm);
    if (!fault_.ok())
      return fault_;
    return std::move(made_);
  }

private:
  void fail(const std::string& what) {
    if (fault_.ok())
      fault_ = wrong(what);
  }

  void flag(const char* name, bool& to) {
    const auto* given = params_.find(name);
    if (given == nullptr || given->is_null())
      return;
    if (const auto* yes = given->as_bool())
      to = *yes;
    else
      fail(std::string(name) + " must be true or false");
  }

  void length(const char* name, std::optional<std::uint64_t>& to) {
    const auto* given = params_.find(name);
    if (given == nullptr || given->is_null())
      return;
    const auto* number = given->as_int();
    if (number != nullptr && *number >= 0)
      to = static_cast<std::uint64_t>(*number);
    else
      fail(std::string(name) + " must be a whole number");
  }

  void cut() {
    const auto* given = params_.find("tokenizer");
    if (given == nullptr || given->is_null())
      return;
    static constexpr std::array names{"word", "whitespace", "prefix", "multilingual"};
    const auto* name = given->as_string();
    const auto found = std::find_if(names.begin(), names.end(), [&](const char* known) {
      return name != nullptr && *name == known;
    });
    if (found == names.end())
      return fail("an unknown tokenizer");
    made_.cut = static_cast<tokenizer>(found - names.begin());
  }

  void add_stop_word(std::string_view word) {
    made_.stop_words.insert(made_.lowercase ? unicode::lower(word) : std::string{word});
  }

  void add_language(const value& name) {
    const auto language = name.as_string() ? language_of(*name.as_string()) : std::string{};
    bool some = false;
    for (const auto words :
         {snowball_stop_words(language), european_stop_words(language), asian_stop_words(language)})
      unicode::for_each_spaced(words, [&](std::string_view word) {
        add_stop_word(word);
        some = true;
      });
    if (!some)
      fail("there are no stop words for the language " + to_json(name));
  }

  void each_of(const object& in, const char* name, auto visit) {
    const auto* given = in.find(name);
    if (given == nullptr || given->is_null())
      return;
    const auto* list = given->as_array();
    if (list == nullptr)
      return fail(std::string("stopwords.") + name + " must be a list");
    for (const auto& each : *list)
      visit(each);
  }

  void stop_words(const value& given) {
    if (given.is_null())
      return;
    if (given.as_string() != nullptr)
      return add_language(given);
    const auto* set = given.as_object();
    if (set == nullptr)
      return fail("stopwords must be a language, or languages and words");
    each_of(*set, "languages", [this](const value& each) { add_language(each); });
    each_of(*set, "custom", [this](const value& each) {
      if (const auto* word = each.as_string())
        add_stop_word(*word);
      else
        fail("a stop word must be a string");
    });
  }

  void stemmer(const value& given) {
    const auto* algorithm = given.as_object();
    const auto* type = algorithm == nullptr ? nullptr : algorithm->find("type");
    if (given.is_null() || (type != nullptr && *type == value{"none"}))
      return;
    if (type == nullptr || *type != value{"snowball"})
      return fail("a stemmer must be of the type snowball or none");
    const auto* name = algorithm->find("language");
    const auto* text = name == nullptr ? nullptr : name->as_string();
    made_.stemmer = text == nullptr ? std::string{} : language_of(*text);
    if (made_.stemmer.empty() || !has_stemmer(made_.stemmer))
      fail("there is no Snowball stemmer for the language "
           + (name == nullptr ? std::string{"null"} : to_json(*name)));
  }

  const object& params_;
  text_options made_;
  status fault_;
};

} // namespace

outcome<text_options> read_text_options(const std::optional<object>& params) {
  return params ? options_reader{*params}.read() : outcome<text_options>{text_options{}};
}

} // namespace grape::payload
