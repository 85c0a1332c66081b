#include "core/vector/stored_row.hpp"

#include "core/vector/kernel_table.hpp"

#include <cstring>

namespace grape {

row_form form_of(vector_datatype kind, metric distance) noexcept {
  switch (kind) {
    case vector_datatype::float16: return row_form::float16;
    case vector_datatype::uint8:
      return distance == metric::cosine ? row_form::unit_uint8 : row_form::uint8;
    case vector_datatype::float32:
    case vector_datatype::turbo4: break;
  }
  return row_form::float32;
}

void row_layout::store(const float* components, void* into) const noexcept {
  switch (form_) {
    case row_form::float32: std::memcpy(into, components, bytes()); return;
    case row_form::float16: {
      auto* to = static_cast<std::uint8_t*>(into);
      for (std::size_t j = 0; j < dimension_; ++j) {
        const auto half = float16_from(components[j]);
        std::memcpy(to + j * sizeof half, &half, sizeof half);
      }
      return;
    }
    case row_form::uint8:
    case row_form::unit_uint8: {
      auto* to = static_cast<std::uint8_t*>(into);
      for (std::size_t j = 0; j < dimension_; ++j)
        to[j] = static_cast<std::uint8_t>(components[j]);
      return;
    }
  }
}

const float* row_layout::widened(const void* stored, float* buffer) const noexcept {
  const auto& kernels = kernels_of(isa_);
  if (form_ == row_form::float16) {
    kernels.widen_float16(stored, buffer, dimension_);
    return buffer;
  }
  kernels.widen_uint8(static_cast<const std::uint8_t*>(stored), buffer, dimension_);
  if (form_ == row_form::unit_uint8)
    normalise({buffer, dimension_});
  return buffer;
}

} // namespace grape
