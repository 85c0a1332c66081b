#pragma once

#include "actors/house.hpp"
#include "actors/interfaces.hpp"

namespace grape::actors {

/// LOG_WRITER: opens the node's log in `<data_dir>/log` on its own thread. Falls if it cannot.
log_writer_actor spawn_log_writer(caf::actor_system& system, std::shared_ptr<house> home);

} // namespace grape::actors
