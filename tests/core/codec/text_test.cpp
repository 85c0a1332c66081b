#include "core/codec/text.hpp"

#include "core/codec/pack.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <string>

using namespace grape;

namespace {

/// Decodes one character at a time and looks at its number: the slow way.
bool is_utf8_by_numbers(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t length = first < 0x80           ? 1
                               : (first >> 5) == 0x06 ? 2
                               : (first >> 4) == 0x0E ? 3
                               : (first >> 3) == 0x1E ? 4
                                                      : 0;
    if (length == 0 || at + length > text.size())
      return false;
    std::uint32_t number = length == 1 ? first : first & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
      const auto next = static_cast<unsigned char>(text[at + i]);
      if ((next >> 6) != 2)
        return false;
      number = number << 6 | (next & 0x3Fu);
    }
    const std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (number < least[length] || number > 0x10FFFF || (number >= 0xD800 && number <= 0xDFFF))
      return false;
    at += length;
  }
  return true;
}

} // namespace

TEST_SUITE("core.codec.text") {
  TEST_CASE("text is UTF-8 exactly if each of its characters has a number, shortly written") {
    for (std::uint32_t all = 0; all < 1u << 16; ++all) { // Each pair of bytes, alone and in a tail.
      const std::string pair{static_cast<char>(all >> 8), static_cast<char>(all)};
      for (const auto& text : {pair, pair + "\x80", pair + "\x80\x80", "a" + pair + "\xBF\xBF"})
        if (codec::is_utf8(text) != is_utf8_by_numbers(text))
          FAIL_CHECK("bytes " << all);
    }
    CHECK(codec::is_utf8(""));
    CHECK(codec::is_utf8("Straße, 葡萄, 🍇"));
  }

  TEST_CASE("a text is found wherever it stands in a record, and bytes are no text") {
    const auto record_with = [](std::string_view key, std::string_view text) {
      codec::packer out;
      out.array(4);
      out.bin("\xFF\xFE");
      out.map(1);
      out.str(key);
      out.array(2);
      out.f32(1.5f);
      out.str(text);
      out.boolean(true);
      out.nil();
      return out.take();
    };
    CHECK(codec::has_only_utf8(record_with("key", "text")));
    CHECK_FALSE(codec::has_only_utf8(record_with("k\xFF", "text")));
    CHECK_FALSE(codec::has_only_utf8(record_with("key", "te\xC3")));
    CHECK_FALSE(codec::has_only_utf8(record_with("k", "t") + record_with("k", "\xED\xA0\x80")));

    std::mt19937 random{3};
    for (int i = 0; i < 20'000; ++i) { // It ends, whatever comes.
      auto bytes = record_with("key", "text");
      bytes[random() % bytes.size()] = static_cast<char>(random());
      bytes.resize(random() % (bytes.size() + 1));
      (void)codec::has_only_utf8(bytes);
    }
  }
}
