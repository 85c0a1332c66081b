#include "core/codec/frame.hpp"

#include "core/codec/crc32c.hpp"
#include "core/codec/little_endian.hpp"

#include <lz4.h>

namespace grape::codec {

namespace {

// "GF", version, flags, u32 body bytes, u32 stored bytes, u32 CRC32C of the 12 bytes before it
// and of the stored bytes after it.
constexpr std::string_view magic = "GF";
constexpr char version = 1;
constexpr char flag_lz4 = 1;
constexpr std::size_t checked_header_bytes = 12;

static_assert(frame_body_bytes_max == LZ4_MAX_INPUT_SIZE);

/// The compressed body, or nothing if that does not save 5 %.
std::string compressed(std::string_view body) {
  const auto worth = body.size() - body.size() / 20;
  if (worth == body.size())
    return {};
  std::string out(worth, '\0');
  const auto written = LZ4_compress_default(body.data(), out.data(), static_cast<int>(body.size()),
                                            static_cast<int>(out.size()));
  out.resize(static_cast<std::size_t>(written));
  return out;
}

status corrupted(const char* why) {
  return {errc::corrupted, std::string("frame: ") + why};
}

outcome<std::string> decompressed(std::string_view stored, std::size_t body_bytes) {
  std::string body(body_bytes, '\0');
  const auto written = LZ4_decompress_safe(stored.data(), body.data(),
                                           static_cast<int>(stored.size()),
                                           static_cast<int>(body.size()));
  if (written < 0 || static_cast<std::size_t>(written) != body_bytes)
    return corrupted("its compressed body does not unfold to the declared size");
  return body;
}

} // namespace

std::string encode_frame(std::string_view body, compression wanted) {
  GRAPE_CHECK(body.size() <= frame_body_bytes_max);
  const auto smaller = wanted == compression::lz4 ? compressed(body) : std::string();
  const auto stored = smaller.empty() ? body : std::string_view(smaller);
  std::string frame;
  frame.reserve(frame_header_bytes + stored.size());
  frame.append(magic);
  frame.push_back(version);
  frame.push_back(smaller.empty() ? 0 : flag_lz4);
  append_little(frame, static_cast<std::uint32_t>(body.size()));
  append_little(frame, static_cast<std::uint32_t>(stored.size()));
  append_little(frame, crc32c(stored, crc32c(frame)));
  frame.append(stored);
  return frame;
}

outcome<std::string> decode_frame(std::string_view frame, std::size_t body_bytes_max) {
  if (frame.size() < frame_header_bytes || !frame.starts_with(magic))
    return corrupted("no frame header");
  if (frame[2] != version)
    return status{errc::wrong_version,
                  "frame: version " + std::to_string(static_cast<unsigned char>(frame[2]))
                    + ", this program reads version " + std::to_string(version)};
  const auto stored = frame.substr(frame_header_bytes);
  const std::size_t body_bytes = read_little<std::uint32_t>(frame.data() + 4);
  if (body_bytes > body_bytes_max || body_bytes > frame_body_bytes_max)
    return status{errc::too_large, "frame: declares a body of " + std::to_string(body_bytes)
                                     + " bytes, the limit is " + std::to_string(body_bytes_max)};
  if (read_little<std::uint32_t>(frame.data() + 8) != stored.size())
    return corrupted("another length than declared");
  const auto sum = crc32c(stored, crc32c(frame.substr(0, checked_header_bytes)));
  if (read_little<std::uint32_t>(frame.data() + checked_header_bytes) != sum)
    return corrupted("its checksum does not match");
  if (frame[3] == flag_lz4)
    return decompressed(stored, body_bytes);
  if (frame[3] != 0 || stored.size() != body_bytes)
    return corrupted("header and body do not agree");
  return std::string(stored);
}

} // namespace grape::codec
