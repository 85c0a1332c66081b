#pragma once

#include "core/cluster/metadata.hpp"

#include <cstddef>
#include <map>
#include <set>

namespace grape::fleet {

/// Where the data replicas of each shard are, and how many points of a sample each shard keeps.
struct shares {
  std::map<group_id, std::set<node_number>> homes;
  std::map<group_id, std::size_t> points;
};

/// Of all collections; `sample` points with the ids 0, 1, ... in each.
shares shares_of(const cluster::metadata& state, std::size_t sample);

/// Most of any node divided by the mean of all `nodes`.
struct skew {
  double replicas = 0;
  double points = 0;
};
skew skew_of(const shares& where, std::size_t nodes);

/// What part of all copies is in `after` where it was not in `before`.
struct moved_share {
  double replicas = 0;
  double points = 0;
};
moved_share moved(const shares& before, const shares& after);

} // namespace grape::fleet
