// Arbitrary bytes as a frame: as they are, and with the sum made right, so that what lies behind
// the checksum is reached too.

#include "core/codec/crc32c.hpp"
#include "core/codec/frame.hpp"
#include "core/codec/little_endian.hpp"
#include "tests/fuzz/input.hpp"

using namespace grape::codec;

namespace {

constexpr std::size_t body_bytes_max = 1u << 20;

void decode(std::string_view frame) {
  const auto body = decode_frame(frame, body_bytes_max);
  if (!body)
    return;
  GRAPE_CHECK(body->size() <= body_bytes_max);
  const auto again = decode_frame(encode_frame(*body, compression::lz4), body_bytes_max);
  GRAPE_CHECK(again.ok());
  GRAPE_CHECK(*again == *body);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* from, std::size_t count) {
  const auto input = grape::fuzz::text_of(from, count);
  decode(input);
  if (count < frame_header_bytes)
    return 0;
  std::string repaired("GF\x01");
  repaired.append(input.substr(3, 5));
  const auto stored = input.substr(frame_header_bytes);
  append_little(repaired, static_cast<std::uint32_t>(stored.size()));
  append_little(repaired, crc32c(stored, crc32c(repaired)));
  repaired.append(stored);
  decode(repaired);
  return 0;
}
