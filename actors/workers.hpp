#pragma once

#include "actors/house.hpp"
#include "actors/interfaces.hpp"

/// The small ones: actors that lend threads and time to others.
namespace grape::actors {

/// STORE_WORKER number `number`.
store_worker_actor spawn_store_worker(caf::actor_system& system, std::shared_ptr<house> home,
                                      std::size_t number);

/// ARCHIVIST: a STORE_WORKER for the long work on files of snapshots, one after the other.
store_worker_actor spawn_archivist(caf::actor_system& system, std::shared_ptr<house> home);

/// A STORE_WORKER for what CARETAKER wants done and takes long, one after the other.
store_worker_actor spawn_upkeep_worker(caf::actor_system& system, std::shared_ptr<house> home);

/// SEARCH_POOL: makes the pool, puts it into the house, closes it when it ends.
search_pool_actor spawn_search_pool(caf::actor_system& system, std::shared_ptr<house> home);

/// TICKER: `tick_now` once a second to everybody on the switchboard who understands it; to REPLICAs
/// and SHARDs that wait for nothing (house.hpp) only now and then.
ticker_actor spawn_ticker(caf::actor_system& system, std::shared_ptr<house> home);

} // namespace grape::actors
