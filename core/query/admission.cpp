#include "core/query/admission.hpp"

#include "core/check.hpp"

namespace grape::query {

namespace {

/// Of each answer in the mean: 32 of them make two thirds of it.
constexpr double weight = 1.0 / 32;

} // namespace

admission::admission(admission_limits limits) : limits_(limits) {
  GRAPE_CHECK(limits.width > 0);
}

bool admission::is_open() {
  if (inside_ <= limits_.width)
    flooded_ = false;
  else if (!is_crowd())
    flooded_ = true;
  return !flooded_ || is_short();
}

bool admission::enter() {
  if (!is_open())
    return false;
  ++inside_;
  return true;
}

void admission::leave(std::uint64_t entered_us, std::uint64_t now_us) {
  GRAPE_CHECK(inside_ > 0);
  // Between two answers of a busy node lies what one read costs it. When nobody had to wait, it
  // is a read's own time, shared by all places.
  if (busy_)
    learn(static_cast<double>(now_us - last_left_us_));
  else if (inside_ <= limits_.width)
    learn(static_cast<double>(now_us - entered_us) / static_cast<double>(limits_.width));
  --inside_;
  busy_ = inside_ >= limits_.width;
  last_left_us_ = now_us;
}

double admission::wait_us() const noexcept {
  return static_cast<double>(inside_) * interval_us_;
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

void admission::learn(double interval_us) {
  interval_us_ = known_ ? interval_us_ + weight * (interval_us - interval_us_) : interval_us;
  known_ = true;
}

} // namespace grape::query
