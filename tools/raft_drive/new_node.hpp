#pragma once

#include "tools/raft_drive/arguments.hpp"
#include "tools/raft_drive/memory_log.hpp"

#include "core/raft/options.hpp"

namespace grape::raft_drive {

/// A node as `new` describes it: what it is told, and what its disk holds.
struct new_node {
  raft::options how; ///< Without a seed.
  memory_log disk;
};

/// Takes everything of `new` but the command; what does not fit together is a mistake.
new_node take_new_node(arguments& given);

} // namespace grape::raft_drive
