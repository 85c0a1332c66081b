#pragma once

#include "core/vector/point.hpp"

#include <cstdint>

/// What the values of a column mean, one tag for each type of index that keeps plain values.
namespace grape::payload {

struct keyword_kind {
  using stored = std::uint32_t; ///< The code of a string in the column's dictionary.
};

struct integer_kind {
  using stored = std::int64_t;
};

struct float_kind {
  using stored = double; ///< Integers as well, as the double nearest to them.
};

struct bool_kind {
  using stored = std::uint8_t;
};

struct datetime_kind {
  using stored = std::int64_t; ///< Microseconds since 1970, of a string that reads as such.
};

struct uuid_kind {
  using stored = uuid; ///< Of a string that reads as one, in any spelling.
};

} // namespace grape::payload
