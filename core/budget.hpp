#pragma once

#include <cstdint>
#include <functional>
#include <limits>

namespace grape {

/// How much work an operation may do before it must give up. Core has no clock: whoever calls
/// hands in `expired`, which looks at one. Not thread-safe; one per operation.
class budget {
public:
  /// Unlimited.
  budget() = default;

  /// `visits` distances or points; `expired` (may be empty) is asked now and then.
  budget(std::uint64_t visits, std::function<bool()> expired)
    : visits_left_(visits)
    , expired_(std::move(expired)) {
  }

  /// Takes `visits` from the budget. False when it is used up, or the deadline has passed: the
  /// caller then returns what it has, or an error, as its contract says.
  bool spend(std::uint64_t visits) {
    visited_ += visits;
    if (over_ || visits > visits_left_)
      over_ = true;
    else
      visits_left_ -= visits;
    since_look_ += visits + 1;
    if (!over_ && expired_ && since_look_ >= look_every) {
      since_look_ = 0;
      over_ = late_ = expired_();
    }
    return !over_;
  }

  bool over() const noexcept { return over_; }

  /// True when the deadline, not the count, ended it.
  bool late() const noexcept { return late_; }

  std::uint64_t visited() const noexcept { return visited_; }

private:
  static constexpr std::uint64_t look_every = 2'048; // About 50 microseconds of distances.

  std::uint64_t visits_left_ = std::numeric_limits<std::uint64_t>::max();
  std::function<bool()> expired_;
  std::uint64_t visited_ = 0;
  std::uint64_t since_look_ = look_every; // The first spending looks, however small it is.
  bool over_ = false;
  bool late_ = false;
};

} // namespace grape
