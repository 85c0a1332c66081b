#pragma once

#include "actors/interfaces.hpp"
#include "config/node_config.hpp"

#include <caf/actor_system_config.hpp>

namespace grape::actors {

/// The actor system's settings that Grape depends on, set in code. On one node nothing is
/// published.
struct system_config : caf::actor_system_config {
  /// `threads` = 0: as many as there are cores, at least 2. With TLS in `peer`, needs `check_peer`.
  explicit system_config(std::size_t threads = 0, const peer_settings& peer = {});
};

/// Call it before any actor system is made that speaks to other nodes as `peer` says: afterwards a
/// wrong file ends the process at the first connection. With TLS, no version below 1.3 is spoken
/// in this process from then on, by nobody. Errors: bad_config (a file, and what is wrong with it).
status check_peer(const peer_settings& peer);

/// Grape's error category and message types, for a configuration of somebody else's.
void prepare(caf::actor_system_config& config);

} // namespace grape::actors
