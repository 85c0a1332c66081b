#pragma once

#include "actors/house.hpp"
#include "actors/interfaces.hpp"

#include <memory>

namespace grape::actors {

/// CARETAKER: see interfaces.hpp.
caretaker_actor spawn_caretaker(caf::actor_system& system, std::shared_ptr<house> home);

} // namespace grape::actors
