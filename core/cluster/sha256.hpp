#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace grape::cluster {

/// SHA-256 (FIPS 180-4) of the bytes.
std::array<std::uint8_t, 32> sha256(std::string_view bytes);

} // namespace grape::cluster
