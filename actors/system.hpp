#pragma once

#include "actors/interfaces.hpp"

#include <caf/actor_system_config.hpp>

namespace grape::actors {

/// The actor system's settings that Grape depends on, set in code. On one node nothing is
/// published; the middleman is loaded for CAF clients and peers to come.
struct system_config : caf::actor_system_config {
  /// `threads` = 0: as many as there are cores, at least 2.
  explicit system_config(std::size_t threads = 0);
};

/// Grape's error category and message types, for a configuration of somebody else's.
void prepare(caf::actor_system_config& config);

} // namespace grape::actors
