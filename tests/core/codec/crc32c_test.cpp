#include "core/codec/crc32c.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace grape::codec;

TEST_SUITE("core.codec.crc32c") {
  // RFC 3720, appendix B.4.
  TEST_CASE("the standard's examples have the standard's sums") {
    std::string rising;
    for (char byte = 0; byte < 32; ++byte)
      rising.push_back(byte);
    const std::string falling(rising.rbegin(), rising.rend());

    for (const auto sum : {crc32c, crc32c_portable}) {
      CHECK(sum("", 0) == 0);
      CHECK(sum("123456789", 0) == 0xe306'9283);
      CHECK(sum(std::string(32, '\0'), 0) == 0x8a91'36aa);
      CHECK(sum(std::string(32, '\xff'), 0) == 0x62a8'ab43);
      CHECK(sum(rising, 0) == 0x46dd'794e);
      CHECK(sum(falling, 0) == 0x113f'db5c);
    }
  }

  TEST_CASE("instruction and table agree at every length and alignment, in one piece or two") {
    std::mt19937_64 engine{7};
    std::string bytes(300, '\0');
    for (auto& byte : bytes)
      byte = static_cast<char>(engine());

    for (std::size_t from = 0; from < 9; ++from)
      for (std::size_t length = 0; from + length <= bytes.size(); ++length) {
        const auto part = std::string_view(bytes).substr(from, length);
        const auto whole = crc32c_portable(part);
        REQUIRE(crc32c(part) == whole);
        const auto cut = length / 3;
        REQUIRE(crc32c(part.substr(cut), crc32c(part.substr(0, cut))) == whole);
      }
  }
}
