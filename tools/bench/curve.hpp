#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace grape::bench {

/// One pass over all queries with one ef.
struct pass {
  std::uint32_t ef = 0;
  double recall = 0;
  double queries_per_second = 0; ///< By the thread's processor time.
  double wall_queries_per_second = 0;
};

/// The passes of one engine in one repetition, ascending by ef.
using curve = std::vector<pass>;

/// Queries per second where the curve crosses `recall`, and the ef there: interpolated on a
/// logarithmic scale between neighbouring passes. None where the curve stays below; where it
/// starts above, the first pass counts.
struct crossing {
  double queries_per_second = 0;
  double ef = 0;
};
std::optional<crossing> at_recall(const curve& along, double recall);

/// The middle of the values; none of none.
std::optional<double> median(std::vector<double> values);

/// Recall (to the right) against queries per second (upwards, logarithmic), one line per engine,
/// as a complete SVG document.
struct plotted_curve {
  std::string name;
  std::string colour;
  curve points;
};
std::string svg_plot(const std::string& title, std::span<const plotted_curve> curves);

} // namespace grape::bench
