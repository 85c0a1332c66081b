#pragma once

#include <cstdint>
#include <string_view>

namespace grape::codec {

/// CRC-32C (Castagnoli, RFC 3720). `before` is the checksum of the bytes that come before these:
/// crc32c(b, crc32c(a)) == crc32c(a + b). Uses the processor's instruction where it has one.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0) noexcept;

/// The same by table, on any processor. For tests and for processors without the instruction.
std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t before = 0) noexcept;

} // namespace grape::codec
