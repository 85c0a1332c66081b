#pragma once

#include "tests/simulation/small_world.hpp"

namespace grape::simulate {

/// Explores, prints what was seen, and the steps to a broken law or check. Returns the exit status.
int explore_and_print(const simulation::bounds& may);

} // namespace grape::simulate
