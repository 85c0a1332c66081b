#include "tools/bench/metrics_histogram.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <sstream>

namespace grape::bench {

std::uint64_t bucket_counts::count() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& one : buckets)
    sum += one.count;
  return sum;
}

double bucket_counts::bound(double share) const noexcept {
  const auto wanted = share * static_cast<double>(count());
  std::uint64_t below = 0;
  for (const auto& one : buckets) {
    below += one.count;
    if (below > 0 && static_cast<double>(below) >= wanted)
      return one.at_most_s;
  }
  return 0;
}

void bucket_counts::add(const bucket_counts& other) {
  if (buckets.empty())
    buckets = other.buckets;
  else
    for (std::size_t i = 0; i < std::min(buckets.size(), other.buckets.size()); ++i)
      buckets[i].count += other.buckets[i].count;
}

void bucket_counts::subtract(const bucket_counts& earlier) {
  for (std::size_t i = 0; i < std::min(buckets.size(), earlier.buckets.size()); ++i)
    buckets[i].count -= earlier.buckets[i].count;
}

bucket_counts histogram_in(const std::string& metrics_text, const std::string& name) {
  bucket_counts found;
  const auto prefix = name + "_bucket{le=\"";
  std::istringstream lines{metrics_text};
  std::uint64_t below = 0; // Prometheus counts each bucket with all before it.
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(prefix))
      continue;
    const auto bound = line.substr(prefix.size(), line.find('"', prefix.size()) - prefix.size());
    const auto count = std::strtoull(line.c_str() + line.rfind(' '), nullptr, 10);
    found.buckets.push_back({bound == "+Inf" ? std::numeric_limits<double>::infinity()
                                             : std::strtod(bound.c_str(), nullptr),
                             count - below});
    below = count;
  }
  return found;
}

} // namespace grape::bench
