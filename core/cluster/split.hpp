#pragma once

#include "core/cluster/shard_scope.hpp"
#include "core/request/write.hpp"

#include <map>
#include <span>
#include <vector>

namespace grape::cluster {

/// An operation, and the shards that it changes.
struct scoped_operation {
  write_operation operation;
  const shard_scope* scope = nullptr;
};

/// The operations that each shard must apply, in the order given: in each part of an operation's
/// scope points and ids go to the shard that keeps their slot, filters go to every shard. A shard
/// that nothing concerns is left out. Operations on one shard alone pass through untouched.
std::map<shard_id, std::vector<write_operation>> split(std::vector<scoped_operation> operations);

/// The ids that each shard of a scope keeps, in the order given.
std::map<shard_id, std::vector<point_id>> split(std::span<const point_id> ids,
                                                const shard_scope& scope);

} // namespace grape::cluster
