#pragma once

#include "core/vector/metric.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace grape {

/// The instruction sets for which distance code was compiled. `portable` runs everywhere; `avx2`
/// means AVX2 and FMA; `avx512` F, BW, DQ, VL, VNNI and VPOPCNTDQ besides (Ice Lake, Zen 4);
/// `neon` Armv8.2-A with dot products.
enum class isa : std::uint8_t { portable, avx2, avx512, neon };

/// "portable", "avx2", "avx512", "neon".
std::string_view to_string(isa kind) noexcept;

/// The best one this processor can run; asked once per process.
isa best_isa() noexcept;

/// All that this processor can run, `portable` first. For tests and benchmarks.
std::vector<isa> usable_isas();

/// The distance between vectors of one metric and dimension; smaller is nearer. Cosine and Dot:
/// the negative dot product (Cosine expects normalised vectors); Euclid: the *squared* Euclidean
/// distance; Manhattan: the sum of absolute differences. Below 16 dimensions the terms are added
/// strictly in order; above, in an order that depends on the instruction set, so results of two
/// sets may differ in the last bits. A small value type; copying is free. Thread-safe.
class distance_function {
public:
  /// Needs dimension >= 1. `with` must be usable on this processor.
  distance_function(metric kind, std::size_t dimension, isa with = best_isa()) noexcept;

  /// Both pointers lead to `dimension()` floats; no alignment is needed.
  float operator()(const float* a, const float* b) const noexcept {
    return pair_(a, b, dimension_);
  }

  /// Distances to `distances.size()` rows that lie one after another from `rows`.
  void contiguous(const float* query, const float* rows, std::span<float> distances) const noexcept;

  /// Distances to rows scattered in memory, prefetching ahead. Needs equally long spans.
  void scattered(const float* query, std::span<const float* const> rows,
                 std::span<float> distances) const noexcept;

  metric kind() const noexcept { return kind_; }
  std::size_t dimension() const noexcept { return dimension_; }

private:
  using pair_function = float (*)(const float* a, const float* b, std::size_t dimension);

  pair_function pair_;
  std::size_t dimension_;
  metric kind_;
};

/// What a client sees for a distance: Cosine and Dot give the dot product back (larger is
/// better), Euclid the square root, Manhattan the distance itself.
float score_from_distance(metric kind, float distance) noexcept;

/// The distance that `score` stands for: the inverse of score_from_distance, for thresholds.
float distance_from_score(metric kind, float score) noexcept;

/// Scales a vector to length 1 in float32, as Cosine vectors are stored. Leaves those of length 1
/// and those next to zero as they are.
void normalise(std::span<float> vector) noexcept;

} // namespace grape
