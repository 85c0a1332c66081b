#pragma once

#include "actors/interfaces.hpp"
#include "actors/shard_place.hpp"

namespace grape::actors {

/// WITNESS of one shard: hosts a RAFT_GROUP that votes and keeps the log, and holds no data.
group_host_actor spawn_witness(caf::actor_system& system, std::shared_ptr<house> home,
                               std::shared_ptr<const shard_place> place);

} // namespace grape::actors
