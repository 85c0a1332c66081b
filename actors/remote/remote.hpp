#pragma once

#include "actors/house.hpp"
#include "actors/interfaces.hpp"

/// The actors of the PEERS floor.
namespace grape::actors {

/// DOOR: listens as [peer] bind and port say, and closes the port when it ends in order.
door_actor spawn_door(caf::actor_system& system, std::shared_ptr<house> home);

/// DETECTOR: about four judgements a second.
detector_actor spawn_detector(caf::actor_system& system, std::shared_ptr<house> home);

/// FOUNDER: writes the identity between its steps, on a thread of its own.
founder_actor spawn_founder(caf::actor_system& system, std::shared_ptr<house> home);

/// The PEER_LINK to node `peer`, to be dialled at `address` (host:port) if its number is higher.
peer_link_actor spawn_peer_link(caf::actor_system& system, std::shared_ptr<house> home,
                                node_number peer, const std::string& address);

} // namespace grape::actors
