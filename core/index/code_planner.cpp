#include "core/index/code_planner.hpp"

#include "core/vector/point.hpp"

#include <algorithm>

namespace grape::index {

namespace {

/// From the most exact to the smallest.
constexpr coding by_exactness[] = {coding::bfloat16, coding::int8, coding::int4, coding::product,
                                   coding::bits};

constexpr std::uint64_t cache_line = 64;

std::uint64_t padded(std::uint64_t bytes) noexcept {
  return (bytes + cache_line - 1) / cache_line * cache_line;
}

} // namespace

std::size_t rescored_for(coding code, std::size_t k) noexcept {
  switch (code) {
    case coding::floats: return k;
    case coding::bfloat16:
    case coding::int8: return std::max<std::size_t>(2 * k, 30);
    case coding::int4: return std::max<std::size_t>(4 * k, 60);
    case coding::product:
    case coding::bits: return std::max<std::size_t>(50 * k, 500);
  }
  return k;
}

segment_memory memory_of(const segment_shape& shape) noexcept {
  segment_memory memory;
  if (shape.m > 0) {
    constexpr auto link = sizeof(std::uint32_t);
    memory.links = padded(shape.rows * 2 * shape.m * link) // Level 0.
                   + shape.rows                            // Levels.
                   + shape.rows * link                     // Where the upper lists begin.
                   + shape.upper_lists * shape.m * link;
  }
  const auto group = group_of(shape.code, shape.dimension);
  memory.codes = shape.rows * stride_of(shape.code, shape.distance, shape.dimension, group);
  memory.vectors = shape.rows * shape.dimension * bytes_of(shape.form);
  memory.names = shape.rows * (sizeof(point_id) + sizeof(std::uint64_t));
  return memory;
}

std::uint64_t expected_upper_lists(std::uint64_t rows, std::uint32_t m) noexcept {
  return m < 2 ? 0 : rows / (m - 1);
}

coding plan_coding(metric distance, std::uint32_t dimension,
                   std::optional<coding> wanted) noexcept {
  if (dimension < coded_dimension_min)
    return coding::floats;
  const auto code = wanted.value_or(dimension < halved_dimension_min ? coding::int8
                                                                      : coding::int4);
  return supports(distance, code) ? code : coding::int8;
}

coding plan_coding(const segment_shape& shape, std::uint64_t hot_bytes_max) noexcept {
  const auto hot = [&](coding code) {
    auto with = shape;
    with.code = code;
    const auto memory = memory_of(with);
    return memory.links + memory.codes;
  };
  if (shape.dimension < coded_dimension_min)
    return coding::floats;
  auto smallest = coding::int8;
  for (const auto code : by_exactness) {
    // Half floats are for those who ask: bytes are faster, and rescored they find the same.
    if (!supports(shape.distance, code) || code == coding::bfloat16)
      continue;
    if (hot(code) <= hot_bytes_max)
      return code;
    if (hot(code) < hot(smallest))
      smallest = code;
  }
  return smallest;
}

} // namespace grape::index
