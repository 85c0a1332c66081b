#include "core/vector/datatype.hpp"

#include <algorithm>
#include <bit>

namespace grape {

namespace {

constexpr std::uint32_t float32_infinity = 0x7f80'0000;
constexpr std::uint16_t float16_max = 0x7bff; // 65,504

} // namespace

std::string_view to_string(vector_datatype kind) noexcept {
  switch (kind) {
    case vector_datatype::float32: return "float32";
    case vector_datatype::float16: return "float16";
    case vector_datatype::uint8: return "uint8";
    case vector_datatype::turbo4: return "turbo4";
  }
  return "unknown";
}

std::size_t bytes_of(vector_datatype kind) noexcept {
  switch (kind) {
    case vector_datatype::float16: return 2;
    case vector_datatype::uint8: return 1;
    case vector_datatype::float32:
    case vector_datatype::turbo4: break;
  }
  return 4;
}

std::uint16_t float16_from(float value) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000);
  const auto magnitude = bits & 0x7fff'ffff;
  if (magnitude >= 0x477f'f000) // From here on the nearest would be infinity.
    return static_cast<std::uint16_t>(sign | float16_max);
  if (magnitude < 0x3880'0000) {
    // Subnormal: adding 0.5 leaves the wanted bits, rounded, at the low end of its mantissa.
    const auto shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) & 0x07ff));
  }
  const auto rebased = magnitude - 0x3800'0000; // Exponents of 127 become those of 15.
  const auto rounded = rebased + 0x0fff + ((rebased >> 13) & 1);
  return static_cast<std::uint16_t>(sign | (rounded >> 13));
}

float float_from(std::uint16_t float16) noexcept {
  const auto sign = static_cast<std::uint32_t>(float16 & 0x8000) << 16;
  const auto magnitude = static_cast<std::uint32_t>(float16 & 0x7fff) << 13;
  if ((float16 & 0x7c00) == 0x7c00)
    return std::bit_cast<float>(sign | float32_infinity | magnitude);
  // A multiplication by 2^112 rebases the exponent, of subnormals too.
  const auto rebased = std::bit_cast<float>(magnitude) * 0x1p112f;
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(rebased));
}

void round_to(vector_datatype kind, std::span<float> vector) noexcept {
  switch (kind) {
    case vector_datatype::float32:
    case vector_datatype::turbo4: return;
    case vector_datatype::float16:
      for (auto& component : vector)
        component = float_from(float16_from(component));
      return;
    case vector_datatype::uint8:
      for (auto& component : vector)
        component =
            static_cast<float>(static_cast<std::uint8_t>(std::clamp(component, 0.0f, 255.0f)));
      return;
  }
}

} // namespace grape
