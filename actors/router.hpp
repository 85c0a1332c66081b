#pragma once

#include "actors/house.hpp"
#include "actors/interfaces.hpp"

namespace grape::actors {

/// ROUTER number `number`.
router_actor spawn_router(caf::actor_system& system, std::shared_ptr<house> home,
                          std::size_t number);

} // namespace grape::actors
