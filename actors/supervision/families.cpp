#include "actors/supervision/families.hpp"

#include "actors/caretaker.hpp"
#include "actors/control/coordinator.hpp"
#include "actors/control/meta.hpp"
#include "actors/gateway.hpp"
#include "actors/indexer.hpp"
#include "actors/log_writer.hpp"
#include "actors/raft_group.hpp"
#include "actors/remote/peer_room.hpp"
#include "actors/remote/remote.hpp"
#include "actors/replica.hpp"
#include "actors/router.hpp"
#include "actors/shard.hpp"
#include "actors/snapshots.hpp"
#include "actors/storage.hpp"
#include "actors/witness.hpp"
#include "actors/workers.hpp"

namespace grape::actors {

namespace {

using supervision::restart_kind;
using supervision::strategy;

/// A floor falls with its children; time enough for all of them to end in order.
constexpr std::uint32_t floor_shutdown_ms = 8'000;

/// A floor whose children lean on each other or on the same disk: what fells one again and again
/// is not healed here.
constexpr supervision::intensity few_falls{.restarts_max = 10, .restarts_max_each = 8};

/// A floor of many strangers.
constexpr supervision::intensity many_falls{.restarts_max = 30, .restarts_max_each = 8};

child_plan actor_plan(std::string name, std::function<caf::actor(caf::actor_system&)> start) {
  return {{.name = std::move(name)}, false, std::move(start)};
}

child_plan floor_child(floor_plan plan) {
  child_plan child;
  child.spec.name = plan.name;
  child.spec.shutdown_ms = floor_shutdown_ms;
  child.is_floor = true;
  child.start = [plan = std::move(plan)](caf::actor_system& system) {
    return caf::actor_cast<caf::actor>(spawn_supervisor(system, plan));
  };
  return child;
}

/// Binds `spawn(system, home, args...)`.
template <class Spawn, class... Args>
child_plan hosted(std::string name, Spawn spawn, std::shared_ptr<house> home, Args... args) {
  return actor_plan(std::move(name),
                    [spawn, home = std::move(home), args...](caf::actor_system& system) {
                      return caf::actor_cast<caf::actor>(spawn(system, home, args...));
                    });
}

/// A floor that counts its renewals.
floor_plan floor_of(const std::shared_ptr<house>& home, std::string name, strategy how,
                    supervision::intensity limit) {
  floor_plan plan;
  plan.name = std::move(name);
  plan.how = how;
  plan.limit = limit;
  plan.renewed = [home] { ++home->restarts; };
  return plan;
}

floor_plan control_floor(const std::shared_ptr<house>& home) {
  auto plan = floor_of(home, "control", strategy::rest_for_one, few_falls);
  plan.children.push_back(hosted("meta", spawn_meta, home));
  if (home->is_clustered())
    plan.children.push_back(hosted("raft_group control", spawn_raft_group, home,
                                   cluster::metadata_group, role::meta));
  plan.children.push_back(hosted("catalog", spawn_catalog, home));
  if (home->is_clustered())
    plan.children.push_back(hosted("coordinator", spawn_coordinator, home));
  return plan;
}

/// Begins with the founders; CATALOG adds whoever comes later. The links stand before DOOR lets
/// anybody in, and before FOUNDER asks.
floor_plan peers_floor(const std::shared_ptr<house>& home) {
  auto plan = floor_of(home, "peers", strategy::one_for_one, many_falls);
  plan.opened = [home](const supervisor_actor& self) {
    home->board.for_each("link/", [&home](const auto& role, const auto&) {
      home->board.erase(role); // A predecessor's; CATALOG adds again whoever is no founder.
    });
    home->board.put(role::peers, caf::actor_cast<caf::strong_actor_ptr>(self));
  };
  plan.children.push_back(hosted("detector", spawn_detector, home));
  std::uint32_t number = 0;
  for (const auto& each : founders_in_order(home->config.cluster))
    if (node_number{++number} != home->remote->self && each.id != home->config.node.id)
      plan.children.push_back(link_child(home, node_number{number}, each.address));
  plan.children.push_back(hosted("door", spawn_door, home));
  if (!is_founder(home->config, *home->remote))
    return plan;
  auto founder = hosted("founder", spawn_founder, home);
  founder.spec.restart = supervision::restart_kind::transient;
  plan.children.push_back(std::move(founder));
  return plan;
}

/// Starts empty: CATALOG says which shards live here.
floor_plan shards_floor(const std::shared_ptr<house>& home) {
  auto plan = floor_of(home, "shards", strategy::one_for_one, many_falls);
  plan.opened = [home](const supervisor_actor& self) {
    home->hosted.clear();
    home->board.put(role::shards, caf::actor_cast<caf::strong_actor_ptr>(self));
    if (const auto who = home->board.get<catalog_actor>(role::catalog))
      caf::anon_send(who, shards_empty{});
  };
  return plan;
}

} // namespace

floor_plan node_floor(const std::shared_ptr<house>& home) {
  auto plan = floor_of(home, "node", strategy::one_for_one, many_falls);
  auto& all = plan.children;
  auto log_writer = hosted("log_writer", spawn_log_writer, home);
  log_writer.spec.failed_writes_are_final = true;
  all.push_back(std::move(log_writer));
  for (std::size_t i = 0; i < home->config.storage.workers; ++i)
    all.push_back(hosted("store_worker " + std::to_string(i), spawn_store_worker, home, i));
  all.push_back(hosted("archivist", spawn_archivist, home));
  all.push_back(hosted("upkeep", spawn_upkeep_worker, home));
  all.push_back(hosted("caretaker", spawn_caretaker, home));
  all.push_back(hosted("search_pool", spawn_search_pool, home));
  all.push_back(hosted("ticker", spawn_ticker, home));
  if (home->remote)
    all.push_back(peers_child(home));
  if (home->is_clustered())
    all.push_back(hosted("snapshots", spawn_snapshots, home));
  all.push_back(floor_child(shards_floor(home)));
  all.push_back(floor_child(control_floor(home)));
  for (std::size_t i = 0; i < routers; ++i)
    all.push_back(hosted("router " + std::to_string(i), spawn_router, home, i));
  for (std::size_t i = 0; i < routers; ++i)
    all.push_back(hosted("gateway " + std::to_string(i), spawn_gateway, home, i));
  return plan;
}

child_plan peers_child(const std::shared_ptr<house>& home) {
  return floor_child(peers_floor(home));
}

child_plan link_child(const std::shared_ptr<house>& home, node_number peer,
                      const std::string& address) {
  return hosted("link " + std::to_string(peer.value), spawn_peer_link, home, peer, address);
}

child_plan shard_family(const std::shared_ptr<house>& home,
                        const std::shared_ptr<const shard_place>& place) {
  auto plan = floor_of(home, "family " + place->name, strategy::rest_for_one, few_falls);
  if (place->member && place->member->is_witness) {
    plan.children.push_back(hosted("witness " + place->name, spawn_witness, home, place));
    plan.children.push_back(hosted("raft_group " + place->name, spawn_raft_group, home,
                                   place->group, role::witness(place->group)));
    return floor_child(std::move(plan));
  }
  plan.children.push_back(hosted("storage " + place->name, spawn_storage, home, place));
  plan.children.push_back(hosted("replica " + place->name, spawn_replica, home, place));
  if (place->member)
    plan.children.push_back(hosted("raft_group " + place->name, spawn_raft_group, home,
                                   place->group, role::replica(place->group)));
  plan.children.push_back(hosted("indexer " + place->name, spawn_indexer, home, place));
  return floor_child(std::move(plan));
}

child_plan shard_door(const std::shared_ptr<house>& home,
                      const std::shared_ptr<const shard_place>& place) {
  return hosted("shard " + place->name, spawn_shard, home, place);
}

} // namespace grape::actors
