#include "core/payload/text_analyzer.hpp"

#include "read_json.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::payload;

namespace {

using tokens = std::vector<std::string>;

text_analyzer made(std::string_view params) {
  auto options = read_text_options(read_object(params));
  REQUIRE(options.ok());
  return text_analyzer{std::move(*options)};
}

status refusal(std::string_view params) {
  auto options = read_text_options(read_object(params));
  return options ? status{} : std::move(options).error();
}

} // namespace

TEST_SUITE("core.payload.text_analyzer") {
  TEST_CASE("words are runs of letters and digits in any script, in lower case unless told") {
    CHECK(made("{}").document_tokens("Hello, Мир! C3-PO_x ½ ١٢")
          == tokens{"hello", "мир", "c3", "po", "x", "½", "١٢"});
    CHECK(made(R"({"lowercase": false})").document_tokens("Hello, Мир!")
          == tokens{"Hello", "Мир"});
    CHECK(made("{}").document_tokens(" ... ").empty());
  }

  TEST_CASE("white space alone cuts where it is asked to") {
    CHECK(made(R"({"tokenizer": "whitespace"})").document_tokens("C3-PO\u00a0is  here!")
          == tokens{"c3-po", "is", "here!"});
  }

  TEST_CASE("a prefix index has the beginnings of words, a query the words themselves") {
    const auto prefix = made(R"({"tokenizer": "prefix", "min_token_len": 2, "max_token_len": 4,
                                 "stopwords": {"custom": ["the"]}})");

    CHECK(prefix.document_tokens("Hello мир a the")
          == tokens{"he", "hel", "hell", "ми", "мир"});
    CHECK(prefix.query_tokens("Hello мир a the") == tokens{"hell", "the", "мир"});
  }

  TEST_CASE("scripts without spaces are cut by dictionary, marks are dropped") {
    const auto any = made(R"({"tokenizer": "multilingual"})");

    CHECK(any.document_tokens("What are you waiting for? 42")
          == tokens{"what", "are", "you", "waiting", "for"});
    CHECK(any.document_tokens("今天是星期一").size() >= 2);
    CHECK(any.document_tokens("本日の日付は") == tokens{"本日", "の", "日付", "は"});
    CHECK(any.document_tokens("Café Zürich") == tokens{"cafe", "zurich"});
  }

  // In this order: fold, lower, stop words, stem, length.
  TEST_CASE("each step works on what the one before left") {
    CHECK(made(R"({"ascii_folding": true})").document_tokens("Straße Ærø São")
          == tokens{"strasse", "aero", "sao"});
    CHECK(made(R"({"stopwords": "english"})").document_tokens("The end of the world")
          == tokens{"end", "world"});
    CHECK(made(R"({"stopwords": {"languages": ["de", "english"], "custom": ["Welt"]}})")
            .document_tokens("the und Welt Wort")
          == tokens{"wort"});
    CHECK(made(R"({"lowercase": false, "stopwords": {"custom": ["The", "LAZY"]}})")
            .document_tokens("The the lazy LAZY")
          == tokens{"the", "lazy"});
    CHECK(made(R"({"stemmer": {"type": "snowball", "language": "english"}, "max_token_len": 4})")
            .document_tokens("running runs elephants")
          == tokens{"run", "run"});
    CHECK(made(R"({"stemmer": {"type": "none"}, "min_token_len": 3, "max_token_len": 3})")
            .document_tokens("ab abc äöü abcd")
          == tokens{"abc", "äöü"});
  }

  TEST_CASE("what makes no index is refused") {
    CHECK(refusal(R"({"stopwords": "klingon"})").code == errc::bad_request);
    CHECK(refusal(R"({"stopwords": {"custom": [5]}})").code == errc::bad_request);
    CHECK(refusal(R"({"stemmer": {"type": "snowball", "language": "chinese"}})").code
          == errc::bad_request);
    CHECK(refusal(R"({"stemmer": "english"})").code == errc::bad_request);
    CHECK(refusal(R"({"tokenizer": "words"})").code == errc::bad_request);
    CHECK(refusal(R"({"min_token_len": -1})").code == errc::bad_request);
    CHECK(refusal(R"({"lowercase": 1})").code == errc::bad_request);
    CHECK(refusal(R"({"type": "text", "on_disk": true, "stemmer": null})").ok());
  }

  TEST_CASE("every language that Qdrant's stemmers know has one, and most have stop words") {
    for (const auto* language :
         {"arabic",  "armenian",  "danish",     "dutch",    "english", "finnish", "french",
          "german",  "greek",     "hungarian",  "italian",  "norwegian", "portuguese",
          "romanian", "russian",  "spanish",    "swedish",  "tamil",   "turkish"}) {
      CAPTURE(language);
      CHECK(refusal(std::string(R"({"stemmer": {"type": "snowball", "language": ")") + language
                    + "\"}}")
              .ok());
    }
    for (const auto* language :
         {"arabic", "basque", "bengali", "catalan", "chinese", "danish", "dutch", "english",
          "finnish", "french", "german", "greek", "hebrew", "hungarian", "indonesian", "italian",
          "japanese", "nepali", "norwegian", "portuguese", "romanian", "russian", "slovene",
          "spanish", "swedish", "turkish"}) {
      CAPTURE(language);
      CHECK(refusal(std::string(R"({"stopwords": ")") + language + "\"}").ok());
    }
  }

  TEST_CASE("words may come from any string of a field, a phrase from one alone") {
    const auto with_phrases = made(R"({"phrase_matching": true})");
    const auto without = made("{}");
    const std::vector<std::string_view> strings{"The big brown fox", "jumps high"};

    CHECK(has_words(strings, match_text{"HIGH fox", text_match::all}, without));
    CHECK_FALSE(has_words(strings, match_text{"high dog", text_match::all}, without));
    CHECK(has_words(strings, match_text{"high dog", text_match::any}, without));
    CHECK_FALSE(has_words(strings, match_text{"...", text_match::all}, without));
    CHECK(has_words(strings, match_text{"big, BROWN", text_match::phrase}, with_phrases));
    CHECK_FALSE(has_words(strings, match_text{"brown big", text_match::phrase}, with_phrases));
    CHECK_FALSE(has_words(strings, match_text{"fox jumps", text_match::phrase}, with_phrases));
    CHECK(has_words(strings, match_text{"brown big", text_match::phrase}, without));
    CHECK(has_words(strings, match_fuzzy{"browm HIHG", 2}, without));
    CHECK_FALSE(has_words(strings, match_fuzzy{"browm HIHG", 1}, without));
  }
}
