#pragma once

#include <cstdint>
#include <string_view>

namespace grape {

/// How similarity of two vectors is measured. Numbers stand on disk: append, never renumber.
enum class metric : std::uint8_t {
  cosine = 0,    ///< Dot product of vectors that were normalised when stored.
  dot = 1,       ///< Inner product.
  euclid = 2,    ///< Square root of the sum of squared differences.
  manhattan = 3, ///< Sum of absolute differences.
};

/// "Cosine", "Dot", "Euclid", "Manhattan": the names of Qdrant's API.
std::string_view to_string(metric kind) noexcept;

/// True where a larger score is a better one (Cosine, Dot).
constexpr bool larger_is_better(metric kind) noexcept {
  return kind == metric::cosine || kind == metric::dot;
}

} // namespace grape
