#pragma once

#include "core/budget.hpp"

#include <cstdint>

namespace grape::payload {

/// Takes work that is no visit, so that the deadline is looked at every millisecond or so also
/// where a point costs many of those. A step is about a byte of a text that is taken apart. False
/// once the budget is over; `work` may be null: there is no end.
inline bool take_steps(budget* work, std::uint64_t steps) {
  constexpr std::uint64_t steps_of_a_spending = 16;
  if (work == nullptr)
    return true;
  auto goes_on = work->spend(0);
  for (auto left = steps / steps_of_a_spending; goes_on && left > 0; --left)
    goes_on = work->spend(0);
  return goes_on;
}

} // namespace grape::payload
