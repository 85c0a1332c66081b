#pragma once

#include "actors/house.hpp"
#include "actors/interfaces.hpp"

namespace grape::actors {

/// COORDINATOR: leans on META and CATALOG, which must be on the switchboard.
coordinator_actor spawn_coordinator(caf::actor_system& system, std::shared_ptr<house> home);

} // namespace grape::actors
