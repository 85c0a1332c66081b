#pragma once

#include "grape/database.hpp"

#include <caf/fwd.hpp>

namespace grape {

/// What a database needs of the actor system of its host, in the system's configuration; called
/// before the system is made:
///
///     caf::actor_system_config config;
///     grape::prepare(config);
///     caf::actor_system system{config};
///     auto db = grape::database::open(system, {.directory = "words"});
///
/// It adds Grape's message types and errors, loads the middleman, and sets
/// `scheduler.max-throughput`, `middleman.heartbeat-interval` and `middleman.connection-timeout`,
/// which may be set otherwise afterwards within the limits that `open` names. Policy and threads of
/// the scheduler stay the host's: the actors of a database are ordinary ones there, and its
/// searches and disk work have threads of their own. Message types of the host may have any names
/// outside namespace grape, and numbers below `caf::first_custom_type_id` + 1000 or from + 2000 on.
void prepare(caf::actor_system_config& config);

/// The same for a member of a cluster that speaks TLS: also loads CAF's OpenSSL module with the
/// files of `member`. They are judged by `open`; from then on nobody in this process speaks TLS
/// below 1.3.
void prepare(caf::actor_system_config& config, const cluster_options& member);

} // namespace grape
