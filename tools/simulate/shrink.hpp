#pragma once

#include "tools/simulate/arguments.hpp"

#include <cstdint>
#include <string>

namespace grape::simulate {

/// The least that still breaks the same law.
struct shrunk {
  bool failed = false; ///< False: the seed passes, nothing to shrink.
  std::string what;
  std::uint64_t steps = 0;
  std::uint64_t faults = 0; ///< That struck before the law broke and were not left out.
  std::uint64_t attempts = 0;
  std::string command; ///< Repeats it.
};

/// Leaves out kinds of faults, then halves, quarters, ... of the faults that are left. A law is
/// looked at after every step, so the failing prefix is the shortest already.
shrunk shrink(arguments given);

} // namespace grape::simulate
