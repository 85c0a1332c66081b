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

/// What Grape needs of an actor system of somebody else's, in its configuration: message types and
/// error category, the middleman with heartbeats, and an end to the turn of a busy mailbox. With
/// TLS in `peer` also CAF's OpenSSL twin and its files. Policy and threads of the scheduler stay as
/// they are. What is set later holds; `check_prepared` judges that.
void prepare(caf::actor_system_config& config, const peer_settings& peer = {});

/// What a system lacks of it; `is_member`: the node speaks to others over it. Errors: bad_config
/// (the first thing that is missing, and what would be right).
status check_prepared(const caf::actor_system& system, const peer_settings& peer, bool is_member);

} // namespace grape::actors
