#include "tools/bench/curve.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

namespace grape::bench {

namespace {

constexpr double plot_left = 70;
constexpr double plot_top = 50;
constexpr double plot_width = 640;
constexpr double plot_height = 380;

/// Between a and b, as far as `share`, on a logarithmic scale.
double between(double a, double b, double share) {
  return std::exp(std::log(a) + share * (std::log(b) - std::log(a)));
}

/// The plane of a plot: recall and the logarithm of queries per second to pixels.
struct plane {
  double recall_min = 1;
  double speed_min = 0;
  double speed_max = 0;

  double x(double recall) const {
    return plot_left + plot_width * (recall - recall_min) / (1 - recall_min);
  }
  double y(double speed) const {
    return plot_top + plot_height * (speed_max - std::log10(speed)) / (speed_max - speed_min);
  }
};

plane plane_for(std::span<const plotted_curve> curves) {
  plane area{.recall_min = 0.99, .speed_min = 99, .speed_max = 0};
  for (const auto& one : curves)
    for (const auto& point : one.points) {
      area.recall_min = std::min(area.recall_min, std::floor(point.recall * 20) / 20);
      const auto decade = std::log10(point.queries_per_second);
      area.speed_min = std::min(area.speed_min, std::floor(decade));
      area.speed_max = std::max(area.speed_max, std::ceil(decade));
    }
  if (area.speed_max <= area.speed_min)
    area.speed_max = area.speed_min + 1;
  return area;
}

void draw_grid(std::ostream& to, const plane& area) {
  const auto right = plot_left + plot_width;
  const auto bottom = plot_top + plot_height;
  for (auto recall = area.recall_min; recall < 1.0001; recall += 0.05)
    to << "<line class='grid' x1='" << area.x(recall) << "' y1='" << plot_top << "' x2='"
       << area.x(recall) << "' y2='" << bottom << "'/><text x='" << area.x(recall) << "' y='"
       << bottom + 18 << "' text-anchor='middle'>" << recall << "</text>\n";
  for (auto decade = area.speed_min; decade <= area.speed_max; ++decade)
    for (const double step : {1.0, 2.0, 5.0}) {
      const auto speed = std::round(std::pow(10, decade) * step);
      if (std::log10(speed) > area.speed_max + 0.001)
        break;
      to << "<line class='grid' x1='" << plot_left << "' y1='" << area.y(speed) << "' x2='" << right
         << "' y2='" << area.y(speed) << "'/><text x='" << plot_left - 8 << "' y='"
         << area.y(speed) + 4 << "' text-anchor='end'>" << static_cast<long>(speed)
         << "</text>\n";
    }
}

void draw_curve(std::ostream& to, const plane& area, const plotted_curve& one, std::size_t index) {
  to << "<polyline fill='none' stroke='" << one.colour << "' stroke-width='2' points='";
  for (const auto& point : one.points)
    to << area.x(point.recall) << ',' << area.y(point.queries_per_second) << ' ';
  to << "'/>\n";
  for (const auto& point : one.points)
    to << "<circle r='3' fill='" << one.colour << "' cx='" << area.x(point.recall) << "' cy='"
       << area.y(point.queries_per_second) << "'><title>ef " << point.ef << "</title></circle>\n";
  const auto y = plot_top + 20 + 20 * static_cast<double>(index);
  const auto x = plot_left + plot_width - 200;
  to << "<rect x='" << x << "' y='" << y - 9 << "' width='18' height='4' fill='" << one.colour
     << "'/><text x='" << x + 26 << "' y='" << y - 3 << "'>" << one.name << "</text>\n";
}

} // namespace

std::optional<crossing> at_recall(const curve& along, double recall) {
  if (along.empty() || along.back().recall < recall)
    return std::nullopt;
  const auto after = std::find_if(along.begin(), along.end(),
                                  [&](const pass& one) { return one.recall >= recall; });
  if (after == along.end())
    return std::nullopt;
  if (after == along.begin())
    return crossing{after->queries_per_second, static_cast<double>(after->ef)};
  const auto before = after - 1;
  const auto share = (recall - before->recall) / (after->recall - before->recall);
  return crossing{between(before->queries_per_second, after->queries_per_second, share),
                  between(before->ef, after->ef, share)};
}

std::optional<double> median(std::vector<double> values) {
  if (values.empty())
    return std::nullopt;
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::string svg_plot(const std::string& title, std::span<const plotted_curve> curves) {
  const auto area = plane_for(curves);
  std::ostringstream to;
  to << std::setprecision(6);
  to << "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 760 490' font-family='sans-serif'"
        " font-size='12'>\n<style>.grid{stroke:#ddd}</style>\n"
        "<rect width='760' height='490' fill='white'/>\n<text x='"
     << plot_left << "' y='28' font-size='15'>" << title << "</text>\n<text x='"
     << plot_left + plot_width / 2 << "' y='476' text-anchor='middle'>recall@10</text>\n"
     << "<text transform='rotate(-90 16 " << plot_top + plot_height / 2 << ")' x='16' y='"
     << plot_top + plot_height / 2 << "' text-anchor='middle'>queries per second</text>\n";
  draw_grid(to, area);
  for (std::size_t i = 0; i < curves.size(); ++i)
    draw_curve(to, area, curves[i], i);
  to << "</svg>\n";
  return to.str();
}

} // namespace grape::bench
