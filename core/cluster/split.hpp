#pragma once

#include "core/cluster/slot_table.hpp"
#include "core/request/write.hpp"

#include <map>
#include <span>
#include <vector>

namespace grape::cluster {

/// The operations that each shard must apply, in the order given: points and ids go to the shard
/// that keeps their slot, filters go to every shard. A shard that nothing concerns is left out.
/// With one shard the operations pass through untouched.
std::map<shard_id, std::vector<write_operation>> split(std::vector<write_operation> operations,
                                                       const slot_table& table,
                                                       std::size_t shards);

/// The ids that each shard keeps, in the order given.
std::map<shard_id, std::vector<point_id>> split(std::span<const point_id> ids,
                                                const slot_table& table, std::size_t shards);

} // namespace grape::cluster
