#pragma once

#include "actors/group_place.hpp"
#include "actors/interfaces.hpp"

namespace grape::actors {

/// RAFT_GROUP of a group. Leans on its host, which must be on the switchboard in the role `host`.
raft_group_actor spawn_raft_group(caf::actor_system& system, std::shared_ptr<house> home,
                                  group_id group, std::string host);

} // namespace grape::actors
