#pragma once

#include "actors/house.hpp"
#include "actors/interfaces.hpp"

namespace grape::actors {

/// META: opens `<data_dir>/meta`, replays its log group, publishes the catalog. Falls if it cannot.
meta_actor spawn_meta(caf::actor_system& system, std::shared_ptr<house> home);

/// CATALOG: leans on META, which must be on the switchboard.
catalog_actor spawn_catalog(caf::actor_system& system, std::shared_ptr<house> home);

} // namespace grape::actors
