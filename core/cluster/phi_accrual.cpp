#include "core/cluster/phi_accrual.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace grape::cluster {

namespace {

/// Below this chance a double says 0, and its logarithm would be infinite.
constexpr double phi_max = 300;

} // namespace

phi_accrual::phi_accrual(const phi_options& options, std::uint64_t now_ms)
  : options_(options)
  , last_ms_(now_ms) {
  GRAPE_CHECK(options.samples_max > 0 && options.deviation_ms_min > 0);
  intervals_ms_.reserve(options.samples_max);
  intervals_ms_.push_back(static_cast<double>(options.interval_ms));
}

void phi_accrual::heard(std::uint64_t now_ms) {
  GRAPE_CHECK(now_ms >= last_ms_);
  // A pause is one event, not the peer's habit: taken whole, one of a minute would make the
  // detector blind for minutes.
  const auto interval_ms = static_cast<double>(std::min(now_ms - last_ms_, options_.pause_ms));
  if (intervals_ms_.size() < options_.samples_max) {
    intervals_ms_.push_back(interval_ms);
  } else {
    intervals_ms_[oldest_] = interval_ms;
    oldest_ = (oldest_ + 1) % intervals_ms_.size();
  }
  last_ms_ = now_ms;
}

double phi_accrual::phi(std::uint64_t now_ms) const {
  const auto count = static_cast<double>(intervals_ms_.size());
  const auto mean_ms = std::accumulate(intervals_ms_.begin(), intervals_ms_.end(), 0.0) / count;
  const auto squares = std::accumulate(
      intervals_ms_.begin(), intervals_ms_.end(), 0.0, [mean_ms](double sum, double interval_ms) {
        return sum + (interval_ms - mean_ms) * (interval_ms - mean_ms);
      });
  const auto deviation_ms =
      std::max(std::sqrt(squares / count), static_cast<double>(options_.deviation_ms_min));
  const auto expected_ms = mean_ms + static_cast<double>(options_.pause_ms);
  const auto distance = (static_cast<double>(silence_ms(now_ms)) - expected_ms) / deviation_ms;
  const auto yet_to_come = std::erfc(distance / std::numbers::sqrt2) / 2;
  return yet_to_come > 0 ? std::min(-std::log10(yet_to_come), phi_max) : phi_max;
}

} // namespace grape::cluster
