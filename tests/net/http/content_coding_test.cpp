#include "net/http/content_coding.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace grape;
using namespace grape::http;

namespace {

constexpr std::uint64_t plenty = std::uint64_t{1} << 30;

outcome<std::string> back(std::string_view body, std::uint64_t bytes_max = plenty) {
  return decompressed(body, bytes_max, [](std::size_t) { return true; });
}

} // namespace

TEST_SUITE("net.http.content_coding") {
  TEST_CASE("what was compressed comes back, of any size and kind") {
    std::mt19937 random(3);
    for (const std::size_t size : {0u, 1u, 100u, 65'535u, 65'536u, 65'537u, 1'000'000u})
      for (const auto how : {content_coding::gzip, content_coding::deflate})
        for (const bool noise : {false, true}) {
          std::string body(size, 'x');
          if (noise)
            for (auto& each : body)
              each = static_cast<char>(random());
          const auto sent = compressed(body, how);
          CAPTURE(size);
          CHECK(back(sent).value() == body);
          if (size > 1'000 && !noise)
            CHECK(sent.size() < size / 50);
        }
  }

  TEST_CASE("a bomb ends at the limit, and its memory with it") {
    const auto bomb = compressed(std::string(std::size_t{64} << 20, '\0'), content_coding::gzip);
    CHECK(bomb.size() < 400'000);
    std::size_t largest = 0;
    const auto ended = decompressed(bomb, 1 << 20, [&largest](std::size_t bytes) {
      largest = std::max(largest, bytes);
      return true;
    });
    CHECK(ended.error().code == errc::too_large);
    CHECK(largest <= (1 << 20) + 1);
    const auto stopped
        = decompressed(bomb, plenty, [](std::size_t bytes) { return bytes <= 1 << 20; });
    CHECK(stopped.error().code == errc::overloaded);
  }

  TEST_CASE("exactly the limit is allowed") {
    const std::string body(100'000, 'y');
    CHECK(back(compressed(body, content_coding::gzip), 100'000).value() == body);
    CHECK(back(compressed(body, content_coding::gzip), 99'999).error().code == errc::too_large);
  }

  TEST_CASE("several members of gzip are one body") {
    const auto both = compressed("one ", content_coding::gzip)
                      + compressed("two", content_coding::gzip);
    CHECK(back(both).value() == "one two");
  }

  TEST_CASE("what is cut off or no such thing is refused, whatever the bytes") {
    const auto sent = compressed(std::string(5'000, 'x') + "yz", content_coding::gzip);
    for (std::size_t size = 0; size < sent.size(); ++size)
      CHECK(back(sent.substr(0, size)).error().code == errc::malformed);
    CHECK(back("{\"points\":[]}").error().code == errc::malformed);
    std::mt19937 random(5);
    for (int i = 0; i < 2'000; ++i) {
      auto bent = sent;
      bent[random() % bent.size()] ^= static_cast<char>(1 + random() % 255);
      static_cast<void>(back(bent, 1 << 20).ok());
    }
  }

  TEST_CASE("the best coding that is accepted") {
    using enum content_coding;
    CHECK(best_coding("") == identity);
    CHECK(best_coding("gzip, deflate, br") == gzip);
    CHECK(best_coding("deflate") == deflate);
    CHECK(best_coding("br, zstd") == identity);
    CHECK(best_coding("gzip;q=0") == identity);
    CHECK(best_coding("gzip;q=0.2, deflate;q=0.8") == deflate);
    CHECK(best_coding("GZIP ; Q=0.5 , identity;q=0.1") == gzip);
    CHECK(best_coding("gzip;q=0.5, identity;q=0.9") == identity);
    CHECK(best_coding("*") == gzip);
    CHECK(best_coding("*;q=0, gzip") == gzip);
    CHECK(best_coding("identity, *;q=0") == identity);
    CHECK(best_coding(",,;;=,gzip;q=x") == identity);
  }

  TEST_CASE("names of codings") {
    CHECK(coding_named("") == content_coding::identity);
    CHECK(coding_named(" Gzip ") == content_coding::gzip);
    CHECK(coding_named("x-gzip") == content_coding::gzip);
    CHECK(coding_named("deflate") == content_coding::deflate);
    CHECK(coding_named("identity") == content_coding::identity);
    CHECK_FALSE(coding_named("br"));
    CHECK_FALSE(coding_named("gzip, gzip"));
  }
}
