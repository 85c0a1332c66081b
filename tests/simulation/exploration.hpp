#pragma once

#include "tests/simulation/small_world.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace grape::simulation {

/// What an exploration saw.
struct explored {
  std::uint64_t states = 0;      ///< Distinct ones.
  std::uint64_t transitions = 0; ///< Steps taken, also to states that were known.
  std::uint64_t depth_max = 0;
  bool complete = false; ///< Nothing within the bounds was left out.
  std::string law;       ///< The broken one; empty if none was.
  std::string detail;
  std::vector<std::string> path; ///< To the broken law.
};

/// Takes every order of steps within the bounds, depth first, each state once (by its fingerprint),
/// and looks at the laws after every step. `watch` is told the steps to the current state before
/// each new one; it may be empty.
explored explore(const bounds& may,
                 const std::function<void(const std::vector<std::string>&)>& watch);

} // namespace grape::simulation
