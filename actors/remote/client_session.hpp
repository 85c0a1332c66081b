#pragma once

#include "actors/interfaces.hpp"
#include "actors/remote/client_room.hpp"

#include <memory>

namespace grape::actors {

/// What the client at the other end of a CLIENT_SESSION understands.
using far_client_actor = caf::typed_actor<caf::reacts_to<link_hello>, caf::reacts_to<link_frame>,
                                          caf::reacts_to<link_farewell>>;

/// CLIENT_SESSION is all that a CAF client gets of a node: it carries the client's questions to the
/// GATEWAYs and the answers back. It ends with its client, or with DOOR.
using client_session_actor = caf::typed_actor<
    // Passed on by DOOR, once: the sender is the client.
    caf::replies_to<link_knock>::with<link_welcome>,
    // From the client.
    caf::reacts_to<link_frame>, caf::reacts_to<link_farewell>>;

/// For the client that takes `place`; `door` is who let it in.
client_session_actor spawn_client_session(caf::actor_system& system, std::shared_ptr<house> home,
                                          std::shared_ptr<client_room::place> place,
                                          const door_actor& door);

} // namespace grape::actors
