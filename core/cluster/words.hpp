#pragma once

#include "core/cluster/liveness.hpp"
#include "core/cluster/shard_replicas.hpp"

#include <string>
#include <string_view>

/// How the control plane's values are called where people and programs read them.
namespace grape::cluster {

/// "joining", "indexing", "switching", "leaving", "undoing".
std::string_view to_string(move_stage stage) noexcept;

/// "voter", "learner", "witness".
std::string_view to_string(replica_role role) noexcept;

/// "alive", "suspect", "silent".
std::string_view to_string(health is) noexcept;

/// "words/0".
std::string shard_name(std::string_view collection, shard_id shard);

} // namespace grape::cluster
