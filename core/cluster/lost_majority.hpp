#pragma once

#include "core/cluster/metadata.hpp"
#include "core/outcome.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace grape::cluster {

/// How a cluster goes on of whose control plane a majority lost its disks at a time. Raft cannot
/// know that they never come back: a person says so, and what only they had is lost.
struct lone_survival {
  /// Groups that go on with this voter, on the node that was asked, as their only one.
  std::map<group_id, replica_id> alone;

  std::vector<group_id> lost; ///< Groups of which nothing is left anywhere.

  /// To commit once the control plane has a leader again: the nodes may come back, empty.
  std::vector<metadata_command> replaced;
};

/// `lost`: names of nodes whose disks are gone for good, `connected`: those that `self` hears. For
/// a cluster in which `self` has the last copy of the control plane, and of each shard that lost
/// its majority. Refused otherwise: not_found, bad_request with what to do instead.
outcome<lone_survival> plan_lone_survival(const metadata& state, node_number self,
                                          const std::set<node_number>& connected,
                                          const std::vector<std::string>& lost);

} // namespace grape::cluster
