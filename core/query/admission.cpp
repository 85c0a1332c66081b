#include "core/query/admission.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <cmath>

namespace grape::query {

namespace {

/// Of each search in the mean: 32 of them make two thirds of it.
constexpr double weight = 1.0 / 32;

/// A queue that stands is as long as it may be and takes its time; some jitter beside that.
constexpr double stale_share = 2;

} // namespace

admission::admission(admission_limits limits) : limits_(limits) {
  GRAPE_CHECK(limits.width > 0);
}

bool admission::is_open(std::uint64_t now_us) {
  if (!is_crowd())
    flooded_ = true;
  else if (inside_ <= limits_.width && is_calm(now_us))
    flooded_ = false;
  if (!flooded_ || is_short())
    return true;
  last_refused_us_ = now_us;
  return false;
}

bool admission::enter(std::uint64_t now_us, std::size_t searches) {
  GRAPE_CHECK(searches > 0);
  if (!is_open(now_us))
    return false;
  ++inside_;
  searches_ += searches;
  return true;
}

bool admission::is_stale(std::uint64_t entered_us, std::uint64_t now_us) {
  const auto longest
    = std::max(static_cast<double>(limits_.wait_us_max),
               static_cast<double>(limits_.width * limits_.depth) * interval_us_);
  if (!flooded_ || static_cast<double>(now_us - entered_us) <= stale_share * longest)
    return false;
  last_refused_us_ = now_us;
  return true;
}

void admission::leave(std::uint64_t entered_us, std::uint64_t now_us, std::size_t searches) {
  // Between two answers of a busy node lies what one read costs it. When nobody had to wait, it
  // is a read's own time, shared by all places.
  const auto each = 1.0 / static_cast<double>(searches);
  if (busy_)
    learn(static_cast<double>(now_us - last_left_us_) * each, searches);
  else if (inside_ <= limits_.width)
    learn(static_cast<double>(now_us - entered_us) * each / static_cast<double>(limits_.width),
          searches);
  give_up(searches);
  busy_ = inside_ >= limits_.width;
  last_left_us_ = now_us;
}

void admission::give_up(std::size_t searches) {
  GRAPE_CHECK(inside_ > 0 && searches_ >= searches);
  --inside_;
  searches_ -= searches;
  busy_ = busy_ && inside_ >= limits_.width;
}

double admission::wait_us() const noexcept {
  return static_cast<double>(searches_) * interval_us_;
}

bool admission::is_short() const noexcept {
  return inside_ < limits_.width * limits_.depth
         || wait_us() < static_cast<double>(limits_.wait_us_max);
}

bool admission::is_crowd() const noexcept {
  const auto most
    = inside_ < limits_.crowd ? limits_.crowd_wait_us_max : limits_.burst_wait_us_max;
  return is_short() || wait_us() < static_cast<double>(most);
}

bool admission::is_calm(std::uint64_t now_us) const noexcept {
  return now_us - last_refused_us_ > limits_.calm_us;
}

void admission::learn(double interval_us, std::size_t searches) {
  const auto share = 1 - std::pow(1 - weight, static_cast<double>(searches));
  interval_us_ = known_ ? interval_us_ + share * (interval_us - interval_us_) : interval_us;
  known_ = true;
}

} // namespace grape::query
