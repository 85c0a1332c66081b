#pragma once

#include "core/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace grape::codec {

enum class compression : std::uint8_t { none, lz4 };

/// Bytes that a frame adds around its body.
inline constexpr std::size_t frame_header_bytes = 16;

/// The largest body a frame can hold (LZ4's limit).
inline constexpr std::size_t frame_body_bytes_max = 0x7E000000;

/// Wraps `body` (up to `frame_body_bytes_max`) in a version, lengths and a CRC32C over all of it.
/// With lz4 the body is compressed if that saves at least 5 %.
std::string encode_frame(std::string_view body, compression wanted);

/// The body of a frame that is exactly `frame`. Errors: wrong_version (a frame of another
/// version), too_large (declares a body above `body_bytes_max`), corrupted (anything else that
/// does not fit). Allocates nothing before the checksum is verified.
outcome<std::string> decode_frame(std::string_view frame, std::size_t body_bytes_max);

} // namespace grape::codec
