#include "core/payload/bm25.hpp"

#include "read_json.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

using namespace grape;
using namespace grape::payload;

namespace {

bm25 made(std::string_view params) {
  auto options = read_bm25_options(read_object(params));
  REQUIRE(options.ok());
  return bm25{std::move(*options)};
}

status refusal(std::string_view params) {
  auto options = read_bm25_options(read_object(params));
  return options ? status{} : std::move(options).error();
}

std::map<std::uint32_t, float> as_map(const sparse_vector& of) {
  std::map<std::uint32_t, float> out;
  for (std::size_t i = 0; i < of.indices.size(); ++i)
    out[of.indices[i]] = of.values[i];
  return out;
}

constexpr auto plain = R"({"avg_len": 5, "tokenizer": "whitespace", "stopwords": {},
                           "stemmer": {"type": "none"}})";

} // namespace

TEST_SUITE("core.payload.bm25") {
  TEST_CASE("a token's index is its Murmur3 hash without the sign") {
    // Values as the Python package mmh3 computes them: hash("foo") is -156908512.
    CHECK(token_index("") == 0);
    CHECK(token_index("hello") == 0x248BFA47u);
    CHECK(token_index("hello, world") == 0x149BBB7Fu);
    CHECK(token_index("The quick brown fox jumps over the lazy dog") == 0x2E4FF723u);
    CHECK(token_index("foo") == 156'908'512u);
  }

  TEST_CASE("a word twice among five is worth what the formula says") {
    // 2 * (1.2 + 1) / (2 + 1.2 * (0.25 + 0.75 * 5 / 5)) = 4.4 / 3.2
    const auto found = as_map(made(plain).document("the cat sat on the"));

    CHECK(found.size() == 4);
    CHECK(found.at(token_index("the")) == doctest::Approx(1.375).epsilon(1e-6));
    CHECK(found.at(token_index("cat")) == doctest::Approx(1.0).epsilon(1e-6));
  }

  TEST_CASE("weights of random texts equal the formula, computed word by word") {
    std::mt19937 random(11);
    for (int round = 0; round < 200; ++round) {
      const double k = 0.1 * static_cast<double>(random() % 30);
      const double b = 0.1 * static_cast<double>(random() % 11);
      const double average = 1.0 + static_cast<double>(random() % 40);
      std::vector<std::string> words(random() % 60);
      std::string text;
      for (auto& word : words) {
        word = "w" + std::to_string(random() % 20);
        text += word + " ";
      }
      bm25_options options;
      options.k = k;
      options.b = b;
      options.avg_len = average;
      options.text.cut = tokenizer::whitespace;
      const auto found = as_map(bm25{options}.document(text));

      std::map<std::uint32_t, double> wanted;
      for (const auto& word : words) {
        const auto n = static_cast<double>(std::count(words.begin(), words.end(), word));
        const auto length = static_cast<double>(words.size());
        wanted[token_index(word)] = n * (k + 1) / (n + k * (1 - b + b * length / average));
      }
      REQUIRE(found.size() == wanted.size());
      for (const auto& [index, weight] : wanted)
        CHECK(found.at(index) == doctest::Approx(weight).epsilon(1e-5));
    }
  }

  TEST_CASE("a query counts each of its tokens once, in the order of indices") {
    const auto found = made(plain).query("foo bar foo baz bar");

    CHECK(found.indices.size() == 3);
    CHECK(std::is_sorted(found.indices.begin(), found.indices.end()));
    CHECK(found.values == std::vector<float>{1, 1, 1});
  }

  TEST_CASE("English is assumed: its stop words go, the rest is stemmed") {
    const auto found = as_map(made("{}").document("The animals are running"));

    CHECK(found.size() == 2);
    CHECK(found.contains(token_index("anim")));
    CHECK(found.contains(token_index("run")));
    CHECK(made("{}").document("I am the and you").indices.empty());
    CHECK(made("{}").query("").indices.empty());
  }

  TEST_CASE("a language brings its words, one that is not known brings none") {
    CHECK(as_map(made(R"({"language": "german"})").document("die Katzen"))
              .contains(token_index("katz")));
    const auto none = as_map(made(R"({"language": "none"})").document("the cats"));
    CHECK(none.contains(token_index("the")));
    CHECK(none.contains(token_index("cats")));
    const auto mixed = as_map(
        made(R"({"language": "german", "stopwords": {"custom": ["cats"]}})").document("die cats"));
    CHECK(mixed.size() == 1);
    CHECK(mixed.contains(token_index("die")));
  }

  TEST_CASE("parameters that make no sense are refused") {
    CHECK(refusal(R"({"k": -1})").code == errc::bad_request);
    CHECK(refusal(R"({"b": 1.5})").code == errc::bad_request);
    CHECK(refusal(R"({"avg_len": 0})").code == errc::bad_request);
    CHECK(refusal(R"({"k": "much"})").code == errc::bad_request);
    CHECK(refusal(R"({"language": 7})").code == errc::bad_request);
    CHECK(refusal(R"({"tokenizer": "knife"})").code == errc::bad_request);
    CHECK(refusal(R"({"k": 0, "b": 0, "avg_len": 1})").ok());
  }
}
