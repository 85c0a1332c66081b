#pragma once

#include "actors/interfaces.hpp"
#include "actors/shard_place.hpp"

namespace grape::actors {

/// INDEXER of one shard. Leans on REPLICA, which must be on the switchboard.
indexer_actor spawn_indexer(caf::actor_system& system, std::shared_ptr<house> home,
                            std::shared_ptr<const shard_place> place);

} // namespace grape::actors
