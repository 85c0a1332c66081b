#pragma once

#include "actors/house.hpp"
#include "core/cluster/replica_hosting.hpp"

#include <optional>
#include <string>

namespace grape::actors {

/// The folder of a replica of a shard on this node, or where it was. Nothing: no collection has
/// the shard.
std::optional<std::string> replica_folder(const house& home, const cluster::metadata& state,
                                          const cluster::held_replica& which);

} // namespace grape::actors
