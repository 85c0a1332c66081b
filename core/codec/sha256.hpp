#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace grape::codec {

/// SHA-256 (FIPS 180-4) of the bytes.
std::array<std::uint8_t, 32> sha256(std::string_view bytes);

/// The same of bytes that come in pieces. Not thread-safe.
class sha256_stream {
public:
  sha256_stream();
  ~sha256_stream();
  sha256_stream(sha256_stream&&) noexcept;
  sha256_stream& operator=(sha256_stream&&) noexcept;

  void add(std::string_view bytes);

  /// 64 hexadecimal digits, lower case. Nothing may be added afterwards.
  std::string digest();

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace grape::codec
