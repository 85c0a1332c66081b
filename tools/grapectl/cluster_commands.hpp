#pragma once

#include "tools/grapectl/commands.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace grape::ctl {

/// A move of one replica; nodes by name or number.
struct move_options {
  std::string collection;
  std::uint32_t shard = 0;
  std::string from;
  std::string to;
};

/// Each asks the node, prints to stdout what it says and to stderr why it could not.
exit_code show_cluster(const surroundings& around);

/// Asks every node that can be reached. `unhealthy` if anything does not work.
exit_code show_health(const surroundings& around);

exit_code list_shards(const surroundings& around);

/// A row for each shard, a column for each node. Of one collection, or of all if it is empty.
exit_code map_shards(const surroundings& around, const std::string& collection);

exit_code move_shard(const surroundings& around, const move_options& wanted);
exit_code show_raft(const surroundings& around);

/// `wish`: drain, remove, activate, forget.
exit_code change_node(const surroundings& around, const std::string& name, const std::string& wish);

/// The disks of these are lost; see `grapectl node replace --help`.
exit_code replace_nodes(const surroundings& around, const std::vector<std::string>& names,
                        bool lost_majority);

} // namespace grape::ctl
