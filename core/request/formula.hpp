#pragma once

#include "core/payload/filter.hpp"
#include "core/payload/value.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// A score as a formula over prefetched scores and payload values. Arithmetic is in float64.
namespace grape {

struct expression;

/// "$score[prefetch]": the score there; else its default; else 0.
struct score_variable {
  std::size_t prefetch = 0;

  friend bool operator==(const score_variable&, const score_variable&) = default;
};

/// The number at a payload path, or its default; neither is an error.
struct payload_variable {
  std::string path;

  friend bool operator==(const payload_variable&, const payload_variable&) = default;
};

/// 1 if it holds, else 0.
struct condition_value {
  payload::condition holds;

  friend bool operator==(const condition_value&, const condition_value&) = default;
};

/// Metres on a great circle from here to the point `{lat, lon}` at a payload path.
struct geo_distance {
  double latitude = 0;
  double longitude = 0;
  std::string path;

  friend bool operator==(const geo_distance&, const geo_distance&) = default;
};

/// Seconds since the epoch of the datetime at a payload path. (A constant one is a number.)
struct datetime_variable {
  std::string path;

  friend bool operator==(const datetime_variable&, const datetime_variable&) = default;
};

/// Numbers travel: append, never renumber.
enum class arithmetic : std::uint8_t {
  product = 0, ///< Ends at the first 0.
  sum = 1,
  negative = 2,
  absolute = 3,
  quotient = 4, ///< 0 if the first operand is.
  square_root = 5,
  power = 6,
  exponential = 7,
  decimal_logarithm = 8,
  natural_logarithm = 9,
};

/// Any number of operands for product and sum, two for quotient and power, else one.
struct formula_operation {
  arithmetic kind = arithmetic::sum;
  std::vector<expression> operands;
  std::optional<double> by_zero; ///< For quotient: what it is where the divisor is 0.

  friend bool operator==(const formula_operation&, const formula_operation&);
};

enum class decay_shape : std::uint8_t { linear = 0, exponential = 1, gauss = 2 };

/// 1 where `x` is at its target (0 if there is none), less the farther it is.
struct formula_decay {
  decay_shape shape = decay_shape::linear;
  double lambda = 0;         ///< From midpoint and scale: (1-m)/s, ln m / s, ln m / s^2.
  std::vector<expression> x; ///< One, or two: then the second is the target.

  friend bool operator==(const formula_decay&, const formula_decay&);
};

struct expression {
  std::variant<double, score_variable, payload_variable, condition_value, geo_distance,
               datetime_variable, formula_operation, formula_decay>
      node;

  friend bool operator==(const expression&, const expression&) = default;
};

inline bool operator==(const formula_operation& a, const formula_operation& b) {
  return a.kind == b.kind && a.operands == b.operands && a.by_zero == b.by_zero;
}

inline bool operator==(const formula_decay& a, const formula_decay& b) {
  return a.shape == b.shape && a.lambda == b.lambda && a.x == b.x;
}

struct formula {
  expression score;
  std::map<std::string, payload::value> defaults; ///< By "$score", "$score[i]" or payload path.

  friend bool operator==(const formula&, const formula&) = default;
};

} // namespace grape
