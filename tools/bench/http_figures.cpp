#include "tools/bench/http_figures.hpp"

#include <algorithm>
#include <cmath>

namespace grape::bench {

namespace {

/// The smallest value that `share` of all values do not exceed. `sorted` is ascending.
double percentile(const std::vector<float>& sorted, double share) {
  if (sorted.empty())
    return 0;
  const auto place = std::ceil(share * static_cast<double>(sorted.size()));
  const auto last = sorted.size() - 1;
  return 1e3 * sorted[std::min(last, static_cast<std::size_t>(std::max(place, 1.0)) - 1)];
}

} // namespace

latency_figures latencies(std::vector<float> seconds) {
  std::sort(seconds.begin(), seconds.end());
  return {.count = seconds.size(),
          .p50_ms = percentile(seconds, 0.5),
          .p90_ms = percentile(seconds, 0.9),
          .p95_ms = percentile(seconds, 0.95),
          .p99_ms = percentile(seconds, 0.99),
          .p999_ms = percentile(seconds, 0.999),
          .max_ms = percentile(seconds, 1)};
}

load_figures figures_of(const load_result& result) {
  load_figures made;
  std::vector<float> accepted;
  std::vector<std::vector<float>> by_second(static_cast<std::size_t>(result.seconds));
  made.slices.resize(by_second.size());
  for (const auto& sample : result.samples) {
    ++made.by_status[sample.status];
    const auto second = static_cast<std::size_t>(sample.due_s);
    if (sample.status == 200) {
      accepted.push_back(sample.latency_s);
      if (second < by_second.size())
        by_second[second].push_back(sample.latency_s);
      continue;
    }
    if (sample.status == 503 && !sample.retry_after)
      ++made.without_retry_after;
    if (second < by_second.size())
      ++made.slices[second].refused;
  }
  for (std::size_t i = 0; i < by_second.size(); ++i) {
    made.slices[i].accepted = by_second[i].size();
    made.slices[i].p99_ms = latencies(std::move(by_second[i])).p99_ms;
  }
  const auto offered = result.samples.size() + result.unanswered;
  made.seconds = result.seconds;
  made.accepted_per_s = static_cast<double>(accepted.size()) / result.seconds;
  made.offered_per_s = static_cast<double>(offered) / result.seconds;
  made.unanswered = result.unanswered;
  made.generator_cores = result.generator_cpu_s / result.seconds;
  made.accepted = latencies(std::move(accepted));
  return made;
}

} // namespace grape::bench
