#include "tools/bench/latency_plot.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

namespace grape::bench {

namespace {

constexpr double left = 70;
constexpr double top = 50;
constexpr double width = 640;
constexpr double height = 380;
constexpr double bottom = top + height;

/// Seconds, milliseconds and rows to pixels.
struct plane {
  double seconds_max = 1;
  double decade_min = 0;
  double decade_max = 1;
  double rows_max = 1;

  double x(double seconds) const { return left + width * seconds / seconds_max; }
  double y(double ms) const {
    const auto decade = std::log10(std::max(ms, 1e-3));
    return bottom - height * (decade - decade_min) / (decade_max - decade_min);
  }
  double y_of_rows(std::uint64_t rows) const {
    return bottom - height * static_cast<double>(rows) / rows_max;
  }
};

plane plane_for(const ingest_result& of) {
  plane area;
  area.seconds_max = std::max(1.0, of.indexed_s);
  area.rows_max = static_cast<double>(of.rows);
  auto least = std::max(of.idle.p50_ms, 1e-3);
  auto most = 3 * of.idle.p95_ms;
  for (const auto& slice : of.slices) {
    least = std::min(least, std::max(slice.latency.p50_ms, 1e-3));
    most = std::max(most, slice.latency.p99_ms);
  }
  area.decade_min = std::floor(std::log10(least));
  area.decade_max = std::max(area.decade_min + 1, std::ceil(std::log10(most)));
  return area;
}

void draw_rows(std::ostream& to, const plane& area, const ingest_result& of,
               std::uint64_t ingest_progress::*which, const char* colour) {
  to << "<polygon fill='" << colour << "' points='" << left << ',' << bottom << ' ';
  for (const auto& one : of.progress)
    to << area.x(one.at_s) << ',' << area.y_of_rows(one.*which) << ' ';
  to << area.x(area.seconds_max) << ',' << bottom << "'/>\n";
}

void draw_grid(std::ostream& to, const plane& area) {
  for (auto decade = area.decade_min; decade <= area.decade_max; ++decade)
    for (const double step : {1.0, 2.0, 5.0}) {
      const auto ms = std::pow(10, decade) * step;
      if (std::log10(ms) > area.decade_max + 0.001)
        break;
      to << "<line class='grid' x1='" << left << "' y1='" << area.y(ms) << "' x2='" << left + width
         << "' y2='" << area.y(ms) << "'/><text x='" << left - 8 << "' y='" << area.y(ms) + 4
         << "' text-anchor='end'>" << ms << "</text>\n";
    }
  const auto step = std::max(1.0, std::ceil(area.seconds_max / 10));
  for (auto second = 0.0; second <= area.seconds_max; second += step)
    to << "<text x='" << area.x(second) << "' y='" << bottom + 18 << "' text-anchor='middle'>"
       << second << "</text>\n";
}

void draw_level(std::ostream& to, const plane& area, double ms, const char* name) {
  to << "<line stroke='#333' stroke-dasharray='6 4' x1='" << left << "' y1='" << area.y(ms)
     << "' x2='" << left + width << "' y2='" << area.y(ms) << "'/><text x='" << left + 6 << "' y='"
     << area.y(ms) - 4 << "'>" << name << "</text>\n";
}

void draw_curve(std::ostream& to, const plane& area, const ingest_result& of,
                double latency_figures::*which, const char* colour) {
  to << "<polyline fill='none' stroke='" << colour << "' stroke-width='1.5' points='";
  for (const auto& slice : of.slices)
    to << area.x(std::min(slice.at_s, area.seconds_max)) << ',' << area.y(slice.latency.*which)
       << ' ';
  to << "'/>\n";
}

void draw_legend(std::ostream& to) {
  constexpr std::pair<const char*, const char*> entries[] = {{"#2c7", "p50"},
                                                             {"#26c", "p95"},
                                                             {"#c33", "p99"},
                                                             {"#eee", "rows"},
                                                             {"#dde8f4", "in graphs"}};
  auto x = left;
  for (const auto& [colour, name] : entries) {
    to << "<rect x='" << x << "' y='36' width='18' height='8' fill='" << colour << "'/><text x='"
       << x + 24 << "' y='44'>" << name << "</text>\n";
    x += 90;
  }
}

} // namespace

std::string latency_plot(const ingest_result& of) {
  const auto area = plane_for(of);
  std::ostringstream to;
  to << std::setprecision(6);
  to << "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 760 490' font-family='sans-serif'"
        " font-size='12'>\n<style>.grid{stroke:#ddd}</style>\n"
        "<rect width='760' height='490' fill='white'/>\n<text x='"
     << left << "' y='24' font-size='15'>Searches while " << of.rows << " x " << of.dimension
     << " are uploaded and indexed</text>\n";
  draw_rows(to, area, of, &ingest_progress::points, "#eee");
  draw_rows(to, area, of, &ingest_progress::indexed, "#dde8f4");
  draw_grid(to, area);
  to << "<text x='" << left + width / 2 << "' y='476' text-anchor='middle'>seconds</text>\n"
     << "<text transform='rotate(-90 16 " << top + height / 2 << ")' x='16' y='" << top + height / 2
     << "' text-anchor='middle'>milliseconds</text>\n";
  draw_level(to, area, of.idle.p95_ms, "p95 of the idle node");
  draw_level(to, area, 3 * of.idle.p95_ms, "three times that");
  draw_curve(to, area, of, &latency_figures::p50_ms, "#2c7");
  draw_curve(to, area, of, &latency_figures::p95_ms, "#26c");
  draw_curve(to, area, of, &latency_figures::p99_ms, "#c33");
  to << "<line stroke='#888' x1='" << area.x(of.upload_s) << "' y1='" << top << "' x2='"
     << area.x(of.upload_s) << "' y2='" << bottom << "'/><text x='" << area.x(of.upload_s) - 6
     << "' y='" << top + 14 << "' text-anchor='end'>all uploaded</text>\n";
  draw_legend(to);
  to << "</svg>\n";
  return to.str();
}

} // namespace grape::bench
