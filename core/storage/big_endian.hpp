#pragma once

#include "core/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace grape::storage {

/// Appends the low `bytes` bytes of `value`, most significant first: bytes then order as numbers.
inline void put_big_endian(std::string& to, std::uint64_t value, std::size_t bytes = 8) {
  for (auto shift = bytes * 8; shift > 0; shift -= 8)
    to += static_cast<char>(value >> (shift - 8) & 0xff);
}

/// Reads all of `bytes`. Precondition: at most 8 bytes.
inline std::uint64_t big_endian(std::string_view bytes) noexcept {
  GRAPE_CHECK(bytes.size() <= 8);
  std::uint64_t value = 0;
  for (const auto byte : bytes)
    value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

} // namespace grape::storage
