#include "core/codec/text.hpp"

#include "core/codec/pack.hpp"

#include <cstddef>
#include <cstdint>

namespace grape::codec {

namespace {

/// The characters that may follow a first byte, and what the second one must be at least and at
/// most: table 3-7 of the Unicode standard.
struct sequence {
  std::size_t rest = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  bool fits = true;
};

sequence sequence_of(unsigned char first) noexcept {
  if (first < 0x80)
    return {};
  if (first >= 0xC2 && first <= 0xDF)
    return {1};
  if (first == 0xE0)
    return {2, 0xA0};
  if (first == 0xED)
    return {2, 0x80, 0x9F};
  if (first >= 0xE1 && first <= 0xEF)
    return {2};
  if (first == 0xF0)
    return {3, 0x90};
  if (first >= 0xF1 && first <= 0xF3)
    return {3};
  if (first == 0xF4)
    return {3, 0x80, 0x8F};
  return {0, 0, 0, false};
}

/// Reads what comes next; the members of arrays and maps come after their head. False: bad text.
bool step(unpacker& in) noexcept {
  switch (in.peek()) {
    case unpacker::kind::nil: in.nil(); break;
    case unpacker::kind::boolean: (void)in.boolean(); break;
    case unpacker::kind::unsigned_integer: (void)in.u64(); break;
    case unpacker::kind::signed_integer: (void)in.i64(); break;
    case unpacker::kind::f32: (void)in.f32(); break;
    case unpacker::kind::f64: (void)in.f64(); break;
    case unpacker::kind::str: return is_utf8(in.str());
    case unpacker::kind::bin: (void)in.bin(); break;
    case unpacker::kind::array: (void)in.array(); break;
    case unpacker::kind::map: (void)in.map(); break;
    case unpacker::kind::unknown: in.fail("no MessagePack"); break;
    case unpacker::kind::end: break;
  }
  return true;
}

} // namespace

bool is_utf8(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    const auto how = sequence_of(static_cast<unsigned char>(text[at]));
    if (!how.fits || text.size() - at <= how.rest)
      return false;
    for (std::size_t i = 1; i <= how.rest; ++i) {
      const auto byte = static_cast<unsigned char>(text[at + i]);
      if (byte < (i == 1 ? how.low : 0x80) || byte > (i == 1 ? how.high : 0xBF))
        return false;
    }
    at += how.rest + 1;
  }
  return true;
}

bool has_only_utf8(std::string_view records) noexcept {
  unpacker in{records};
  while (in.peek() != unpacker::kind::end)
    if (!step(in))
      return false;
  return true;
}

} // namespace grape::codec
