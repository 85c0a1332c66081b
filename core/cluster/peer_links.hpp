#pragma once

#include "core/cluster/metadata.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace grape::cluster {

/// What must change so that a node has exactly one link to each other node.
struct peer_links_plan {
  std::map<node_number, std::string> begin; ///< To this address (host:port).
  std::set<node_number> end;                ///< Of nodes that were removed.
};

/// `standing` = those that node `self` has links to. As long as `state` knows no nodes, because it
/// was not formed or is not read yet, nothing changes.
peer_links_plan plan_peer_links(const metadata& state, node_number self,
                                const std::set<node_number>& standing);

/// How a node that began with an empty disk presents itself, as long as it is expected: a founder
/// knows only which of the founders it is. Else `node` itself.
node_number number_before_joining(const metadata& state, node_number node);

/// Who presents itself as `number`, by the name `name`: its successor, if it was replaced.
node_number number_now(const metadata& state, node_number number, std::string_view name);

} // namespace grape::cluster
