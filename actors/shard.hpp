#pragma once

#include "actors/interfaces.hpp"
#include "actors/shard_place.hpp"

namespace grape::actors {

/// SHARD: the door to one shard.
shard_actor spawn_shard(caf::actor_system& system, std::shared_ptr<house> home,
                        std::shared_ptr<const shard_place> place);

} // namespace grape::actors
