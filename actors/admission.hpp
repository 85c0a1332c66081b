#pragma once

#include "actors/house.hpp"
#include "core/cluster/node_identity.hpp"
#include "core/request/cluster.hpp"

#include <functional>

namespace grape::actors {

/// What a node says of itself when it asks a member to be admitted.
join_request own_join_request(const node_config& config, const cluster::node_identity& who);

/// Makes `home`'s disk that of the node as which it was admitted: the control plane's state first,
/// then the identity, by `write`. Blocks; META must not have begun. May be done again after a
/// crash. Errors: those of the store and of `write`, corrupted (the state cannot be read).
status admit(const house& home, const join_reply& as, cluster::node_identity who,
             const std::function<status(const cluster::node_identity&)>& write);

/// Asks the members at [cluster] join, in turns, until one has answered. Blocks for at most half a
/// minute. Nothing: this node was admitted before, and nobody is within reach or says otherwise.
/// Errors: bad_config (another protocol or cluster name), corrupted (the disk is none of the
/// cluster's), timed_out (nobody answered), cancelled (`given_up`, which is asked several times a
/// second, said so; empty: nobody gives up).
outcome<std::optional<join_reply>> ask_seeds(house& home, const cluster::node_identity& who,
                                             const std::function<bool()>& given_up = {});

} // namespace grape::actors
