#pragma once

#include "core/vector/metric.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace grape {

/// What the walk over a segment compares. Numbers stand on disk: append, never renumber.
enum class coding : std::uint8_t {
  floats = 0,   ///< The vectors themselves: no codes.
  int8 = 1,     ///< A byte per component.
  int4 = 2,     ///< Half a byte.
  bits = 3,     ///< The sign of each component after a rotation, and a factor.
  bfloat16 = 4, ///< Two bytes: a float without its lower half.
  product = 5,  ///< A byte for several components: the nearest of 256 trained groups.
};

/// "floats", "int8", "int4", "bits", "bfloat16", "product".
std::string_view to_string(coding kind) noexcept;

/// A query prepared for one quantizer; what its parts mean is the quantizer's own.
struct code_query {
  std::vector<std::uint8_t> components;
  std::vector<float> floats;
  std::int32_t dot_offset = 0;
  float dot_factor = 0;

  /// How far off an estimate is (standard deviation) for a code whose factor is 1; bits only.
  float spread = 0;

  // What a distance to a code must be multiplied by, and what must be added to it.
  double true_scale = 1;
  double true_origin = 0;

  /// What distance_function would say of the coded vector, about.
  float estimated(metric kind, float distance) const noexcept {
    const auto estimate
      = static_cast<float>(static_cast<double>(distance) * true_scale + true_origin);
    const auto never_below_0 = kind == metric::euclid || kind == metric::manhattan;
    return never_below_0 && !(estimate > 0) ? 0.0f : estimate;
  }

  /// What the walk reads: the floats where there are some.
  const void* data() const noexcept {
    return floats.empty() ? static_cast<const void*>(components.data()) : floats.data();
  }
};

/// Maps the floats of one segment to smaller codes. Codes only order candidates: distances shown
/// to anyone are computed from the floats. Immutable; thread-safe.
class quantizer {
public:
  /// Gives the i-th row, as many floats as the dimension, until it is asked for the next one.
  using row_source = std::function<const float*(std::size_t)>;

  virtual ~quantizer() = default;

  virtual coding code() const noexcept = 0;

  /// Bytes from one stored code to the next.
  virtual std::size_t stride() const noexcept = 0;

  /// How much of a code is compared, in the unit of its kernel: bytes, 64-bit words or components.
  virtual std::size_t code_length() const noexcept = 0;

  /// Writes stride() bytes.
  virtual void encode_stored(const float* row, std::uint8_t* code) const = 0;

  virtual code_query prepare(const float* query) const = 0;

  /// The distance between a prepared query and a stored code, in a scale and from an origin of the
  /// query's own (see code_query::estimated). The walk computes the same.
  virtual float distance(const code_query& query, const std::uint8_t* code) const noexcept = 0;

  // What a file must keep to make the same quantizer again, besides metric and dimension.

  /// Above 0 where it is used, else 0.
  virtual float scale() const noexcept { return 0; }

  /// Components for one byte, where that is trained; else 0.
  virtual std::uint16_t group() const noexcept { return 0; }

  /// Means or trained groups.
  virtual std::span<const float> table() const noexcept = 0;
};

/// Learns from a sample of `rows` >= 1 rows. Null for coding::floats. Needs supports(kind, code).
/// For int8, `quantile` is the share of component values that are not clipped, 0..1; the other
/// codes choose for themselves.
std::shared_ptr<const quantizer> learn_quantizer(coding code, metric kind, std::size_t dimension,
                                                 std::size_t rows,
                                                 const quantizer::row_source& row_at,
                                                 std::optional<double> quantile = std::nullopt);

/// 4 bits and single bits do not measure Manhattan distances; the others do everything.
constexpr bool supports(metric kind, coding code) noexcept {
  return kind != metric::manhattan || (code != coding::int4 && code != coding::bits);
}

/// The parts of a quantizer as a file keeps them.
struct quantizer_parts {
  coding code = coding::int8;
  metric kind = metric::cosine;
  std::size_t dimension = 0;
  float scale = 0;
  std::uint16_t group = 0;
  std::vector<float> table;
};

/// How many floats `table` of such a quantizer has; 0 for coding::floats.
std::size_t table_size(coding code, std::size_t dimension, std::uint16_t group) noexcept;

/// Bytes of one stored code; 0 for coding::floats.
std::size_t stride_of(coding code, metric kind, std::size_t dimension,
                      std::uint16_t group) noexcept;

/// Components per byte that learn_quantizer chooses for coding::product; 0 for the others.
std::uint16_t group_of(coding code, std::size_t dimension) noexcept;

/// Null if the parts make no sense: a wrong number of floats, something not finite, a scale that
/// is not above 0, a combination that is not supported.
std::shared_ptr<const quantizer> make_quantizer(quantizer_parts parts);

} // namespace grape
