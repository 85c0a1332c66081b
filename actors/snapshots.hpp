#pragma once

#include "actors/house.hpp"
#include "actors/interfaces.hpp"

namespace grape::actors {

/// SNAPSHOTS of a node in a cluster.
snapshots_actor spawn_snapshots(caf::actor_system& system, std::shared_ptr<house> home);

} // namespace grape::actors
