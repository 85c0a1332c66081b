#pragma once

#include "core/index/graph.hpp"
#include "core/index/segment.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

/// How a segment looks for rows that a filter passes: over their codes, or by a walk, and then how
/// hard. The same question always gets the same answer.
namespace grape::index {

/// Some rows that pass, tried at random.
struct passing_sample {
  std::vector<std::uint32_t> rows; ///< None if too few pass for a walk to find its way.
  double share = 0;                ///< Of all rows, about so many pass.
};

passing_sample sample_passing(const row_filter& filter, std::uint32_t rows);

/// True if to look at the codes of all passing rows costs less than a walk that keeps `ef`
/// candidates.
bool scan_is_cheaper(double share, std::uint32_t rows, std::uint32_t ef) noexcept;

/// How many candidates a walk for `k` rows must keep that finds them with `ef` where what passes
/// has nothing to do with nearness. `share` of all rows pass; `near` is the row nearest to the
/// query that is known, whether it passes or not.
std::uint32_t ef_under_filter(const graph& links, const row_filter& filter, double share,
                              std::uint32_t near, std::size_t k, std::uint32_t ef) noexcept;

} // namespace grape::index
