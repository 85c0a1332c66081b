#pragma once

#include "core/vector/datatype.hpp"
#include "core/vector/kernels.hpp"
#include "core/vector/metric.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace grape {

/// How the components of a row lie in memory and in segment files. Numbers stand on disk: append,
/// never renumber.
enum class row_form : std::uint8_t {
  float32 = 0,
  float16 = 1,
  uint8 = 2,
  unit_uint8 = 3, ///< Whole numbers that are compared scaled to length 1.
};

constexpr row_form last_row_form = row_form::unit_uint8;

/// The form for fields of this datatype and metric.
row_form form_of(vector_datatype kind, metric distance) noexcept;

/// Bytes per component.
constexpr std::size_t bytes_of(row_form form) noexcept {
  return form == row_form::float32 ? 4 : form == row_form::float16 ? 2 : 1;
}

/// Writes and reads rows of one form and dimension. A small value type. Thread-safe.
class row_layout {
public:
  row_layout(row_form form, std::size_t dimension, isa with = best_isa()) noexcept
    : form_(form)
    , dimension_(dimension)
    , isa_(with) {}

  row_form form() const noexcept { return form_; }
  std::size_t dimension() const noexcept { return dimension_; }

  /// Bytes of a row.
  std::size_t bytes() const noexcept { return dimension_ * bytes_of(form_); }

  /// True if rows are floats as they stand.
  bool is_plain() const noexcept { return form_ == row_form::float32; }

  /// Writes bytes() bytes. Needs `dimension()` components that the form can hold (see round_to).
  void store(const float* components, void* to) const noexcept;

  /// The row as it is compared: what was stored, but for unit_uint8, which is scaled. In place if
  /// it is plain (then `stored` must be aligned for floats), else in `buffer`, which has room for
  /// `dimension()` floats.
  const float* load(const void* stored, float* buffer) const noexcept {
    return is_plain() ? static_cast<const float*>(stored) : widened(stored, buffer);
  }

private:
  const float* widened(const void* stored, float* buffer) const noexcept;

  row_form form_;
  std::size_t dimension_;
  isa isa_;
};

} // namespace grape
