#pragma once

#include "actors/interfaces.hpp"
#include "actors/shard_place.hpp"

namespace grape::actors {

/// REPLICA of one shard. Leans on STORAGE, which must be on the switchboard.
replica_actor spawn_replica(caf::actor_system& system, std::shared_ptr<house> home,
                            std::shared_ptr<const shard_place> place);

} // namespace grape::actors
