#include "core/payload/string_match.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace grape::payload;

namespace {

/// The edit distance by its definition.
std::size_t distance(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty())
    return a.size() + b.size();
  if (a.front() == b.front())
    return distance(a.substr(1), b.substr(1));
  return 1
         + std::min({distance(a.substr(1), b), distance(a, b.substr(1)),
                     distance(a.substr(1), b.substr(1))});
}

bool like_slowly(std::string_view text, std::string_view pattern) {
  if (pattern.empty())
    return text.empty();
  if (pattern.front() == '%')
    return like_slowly(text, pattern.substr(1))
           || (!text.empty() && like_slowly(text.substr(1), pattern));
  return !text.empty() && (pattern.front() == '_' || pattern.front() == text.front())
         && like_slowly(text.substr(1), pattern.substr(1));
}

std::string random_text(std::mt19937_64& random, std::string_view letters, std::size_t most) {
  std::string made;
  for (auto left = random() % (most + 1); left > 0; --left)
    made += letters[random() % letters.size()];
  return made;
}

bool has_similar(std::string_view text, std::string words, std::uint32_t edits) {
  return has_similar_words(text, {std::move(words), edits});
}

} // namespace

TEST_SUITE("core.payload.string_match") {
  TEST_CASE("a text is a part of the string, letter by letter; any wants one of its words") {
    CHECK(has_text("Big Game", {"g Ga", text_match::all}));
    CHECK(has_text("Big Game", {"", text_match::phrase}));
    CHECK_FALSE(has_text("Big Game", {"big", text_match::all}));
    CHECK(has_text("Big Game", {"small  Game", text_match::any}));
    CHECK_FALSE(has_text("Big Game", {" \t", text_match::any}));
  }

  TEST_CASE("a pattern fits as its definition says, on random texts") {
    std::mt19937_64 random{1};
    for (int i = 0; i < 20'000; ++i) {
      const auto text = random_text(random, "ab", 8);
      const auto pattern = random_text(random, "ab_%", 6);
      CAPTURE(text);
      CAPTURE(pattern);
      REQUIRE(is_like(text, pattern) == like_slowly(text, pattern));
    }
  }

  TEST_CASE("a pattern counts characters, not bytes, and takes what follows a backslash as it is") {
    CHECK(is_like("Zürich", "Z_rich"));
    CHECK_FALSE(is_like("Zürich", "Z__rich"));
    CHECK(is_like("100%", R"(100\%)"));
    CHECK_FALSE(is_like("1000", R"(100\%)"));
    CHECK(is_like("a_b", R"(a\_b)"));
    CHECK_FALSE(is_like("axb", R"(a\_b)"));
    CHECK(is_like("\xff!", "_!"));
  }

  TEST_CASE("words are similar up to the edit distance, on random words") {
    std::mt19937_64 random{2};
    for (int i = 0; i < 20'000; ++i) {
      const auto a = random_text(random, "abc", 6);
      const auto b = random_text(random, "abc", 6);
      const auto edits = random() % 4;
      CAPTURE(a);
      CAPTURE(b);
      CAPTURE(edits);
      REQUIRE(is_similar(a, b, edits) == (distance(a, b) <= edits));
    }
  }

  TEST_CASE("every wanted word needs a similar one; a character is one edit") {
    CHECK(has_similar("The Big Game", "bog", 2));
    CHECK_FALSE(has_similar("The Big Game", "bog", 1));
    CHECK(has_similar("The Big, Game!", "Gama Bug", 1));
    CHECK_FALSE(has_similar("The Big Game", "Gama Bxx", 1));
    CHECK(has_similar("Zürich", "Zurich", 1));
    CHECK_FALSE(has_similar("anything", " ,", 3));
  }
}
