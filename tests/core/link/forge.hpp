#pragma once

#include "core/codec/crc32c.hpp"
#include "core/link/frame.hpp"

#include <cstring>
#include <string>
#include <string_view>

/// Frames that no outbox would make, and texts that tell one parcel from another.
namespace grape::testing {

/// `frame` behind a checksum made right.
inline std::string sealed(std::string frame) {
  const auto bytes = std::string_view{frame};
  const auto sum = codec::crc32c(bytes.substr(5), codec::crc32c(bytes.substr(0, 1)));
  std::memcpy(frame.data() + 1, &sum, sizeof sum);
  return frame;
}

/// A frame of any bytes behind its header.
inline std::string frame_of(std::uint64_t number, std::string_view pieces,
                            std::uint64_t acknowledged = 0) {
  auto frame =
      link::frame_writer{}.take(link::frame_number{number}, link::frame_number{acknowledged});
  return sealed(frame.append(pieces));
}

inline std::string frame_of(std::uint64_t number, std::initializer_list<link::piece> pieces) {
  link::frame_writer frame;
  for (const auto& each : pieces)
    frame.add(each);
  return frame.take(link::frame_number{number}, {});
}

/// `count` bytes that no other number gives.
inline std::string numbered_bytes(std::uint64_t number, std::size_t count) {
  std::string bytes(count, static_cast<char>('a' + number % 26));
  std::memcpy(bytes.data(), &number, std::min(sizeof number, count));
  return bytes;
}

} // namespace grape::testing
