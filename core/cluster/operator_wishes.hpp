#pragma once

#include "core/cluster/metadata.hpp"
#include "core/request/cluster.hpp"

#include <set>
#include <vector>

/// What people may ask of a cluster, as commands for the metadata group. What cannot be is refused
/// here, in the words that clients of Qdrant know; the metadata group checks again.
namespace grape::cluster {

/// Errors: not_found (the collection; a transfer to abort), bad_request.
outcome<metadata_command> command_of(const metadata& state, const change_replicas_request& asked);

/// To commit in this order. `connected`: the nodes that are heard, this one included. Errors:
/// not_found, bad_request.
outcome<std::vector<metadata_command>> commands_of(const metadata& state,
                                                   const change_node_request& asked,
                                                   const std::set<node_number>& connected = {});

} // namespace grape::cluster
