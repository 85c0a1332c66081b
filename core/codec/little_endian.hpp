#pragma once

#include <bit>
#include <cstring>
#include <string>
#include <type_traits>

/// Fixed-width integers in headers: least significant byte first.
namespace grape::codec {

static_assert(std::endian::native == std::endian::little, "these bytes are the memory they are");

template <class Integer>
void append_little(std::string& to, Integer value) {
  static_assert(std::is_unsigned_v<Integer>);
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  to.append(raw, sizeof value);
}

/// The integer at `from`, of which sizeof(Integer) bytes are readable. Any alignment.
template <class Integer>
Integer read_little(const char* from) noexcept {
  static_assert(std::is_unsigned_v<Integer>);
  Integer value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

} // namespace grape::codec
