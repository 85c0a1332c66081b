#pragma once

#include "core/ids.hpp"

#include <algorithm>

namespace grape::raft {

/// What counts as applied by a witness that begins. It has no state to lose: all that its log knows
/// to be committed, and what the log begins after; `base` is 0 for a log that begins at its start.
constexpr log_index applied_of_witness(log_index base, log_index committed,
                                       log_index last) noexcept {
  return std::min(std::max(base, committed), last);
}

} // namespace grape::raft
