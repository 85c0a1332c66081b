#pragma once

#include "actors/interfaces.hpp"
#include "actors/shard_place.hpp"

namespace grape::actors {

/// STORAGE of one shard replica.
storage_actor spawn_storage(caf::actor_system& system, std::shared_ptr<house> home,
                            std::shared_ptr<const shard_place> place);

} // namespace grape::actors
