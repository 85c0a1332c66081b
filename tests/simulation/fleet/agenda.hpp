#pragma once

#include "tests/simulation/fleet/borrowed.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace grape::fleet {

/// What is to be done when, in virtual time; at one instant in the order of asking.
class agenda {
public:
  instant now() const noexcept { return now_; }
  std::uint64_t now_ms() const noexcept { return now_ / millisecond; }
  std::uint64_t steps() const noexcept { return steps_; }

  void after(instant delay, std::function<void()> what) {
    heap_.push_back({now_ + delay, order_++, std::move(what)});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  /// False: nothing is left before `end`, and it is `end` now.
  bool step(instant end) {
    if (heap_.empty() || heap_.front().at > end) {
      now_ = std::max(now_, end);
      return false;
    }
    std::pop_heap(heap_.begin(), heap_.end(), later);
    auto next = std::move(heap_.back());
    heap_.pop_back();
    now_ = next.at;
    ++steps_;
    next.what();
    return true;
  }

private:
  struct item {
    instant at = 0;
    std::uint64_t order = 0;
    std::function<void()> what;
  };

  static bool later(const item& a, const item& b) noexcept {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }

  std::vector<item> heap_;
  instant now_ = 0;
  std::uint64_t order_ = 0;
  std::uint64_t steps_ = 0;
};

} // namespace grape::fleet
