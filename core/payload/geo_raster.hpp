#pragma once

#include "core/payload/geo.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace grape::payload {

/// Which of 65,536 x 65,536 cells of equal degrees a place lies in: the column in the upper half,
/// from the west, the row in the lower, from the south.
std::uint32_t geo_cell(const geo_point& place) noexcept;

/// A rectangle of degrees, with its borders.
struct geo_rect {
  double west = 0;
  double south = 0;
  double east = 0;
  double north = 0;
};

/// What all places of a rectangle have in common with respect to an area.
enum class geo_share : std::uint8_t { unknown, outside, inside, mixed };

/// Never outside or inside unless it is so; mixed where it is not clear.
geo_share share_of(const geo_rect& rect, const geo_box& area) noexcept;
geo_share share_of(const geo_rect& rect, const geo_radius& area) noexcept;
geo_share share_of(const geo_rect& rect, const geo_polygon& area) noexcept;

/// A rectangle around the area, which crosses the antimeridian if its east is beyond 180.
geo_rect bounds_of(const geo_box& area) noexcept;
geo_rect bounds_of(const geo_radius& area) noexcept;
geo_rect bounds_of(const geo_polygon& area) noexcept;

/// Tells for many cells what their places have in common, by a coarse grid over the area that is
/// filled in as it is asked for.
template <class Area>
class geo_raster {
public:
  explicit geo_raster(const Area& area);

  geo_share of(std::uint32_t cell);

private:
  static constexpr std::uint32_t side = 64; ///< Squares of the grid in a row.

  const Area& area_;
  std::uint32_t west_; ///< The first column of cells that counts.
  std::uint32_t south_;
  std::uint32_t columns_; ///< Cells from west to east; 65,536 is all around.
  std::uint32_t rows_;
  std::uint32_t width_; ///< Cells of a square.
  std::uint32_t height_;
  std::vector<geo_share> squares_;
};

extern template class geo_raster<geo_box>;
extern template class geo_raster<geo_radius>;
extern template class geo_raster<geo_polygon>;

} // namespace grape::payload
