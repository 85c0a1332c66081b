#pragma once

#include <caf/actor_system_config.hpp>

namespace grape::actors {

/// Gives a system made of `config` a scheduler that wakes fewer threads than CAF's own: the first
/// actor that a running one has a message for runs next, on the same thread; only further ones are
/// offered to the other threads. An actor that waits so starts at the latest when the running one
/// ends its turn: nobody may keep a thread for longer than a millisecond. The policy named in
/// `config` does not count then, "scheduler.max-threads" and "scheduler.max-throughput" do.
void schedule_next_of_kin(caf::actor_system_config& config);

} // namespace grape::actors
