#pragma once

#include "core/ids.hpp"

#include <cstddef>
#include <string>

/// Roles on the switchboard.
namespace grape::actors::role {

inline const std::string log_writer = "log_writer";
inline const std::string catalog = "catalog";
inline const std::string meta = "meta";
inline const std::string shards = "shards";
inline const std::string root = "node";
inline const std::string coordinator = "coordinator";
inline const std::string peers = "peers";
inline const std::string archivist = "archivist"; ///< Whoever works on files of snapshots.
inline const std::string caretaker = "caretaker";
inline const std::string upkeep = "upkeep";     ///< Whoever does for CARETAKER what takes long.
inline const std::string snapshot = "snapshot"; ///< Whoever receives snapshots of groups.
std::string storage(group_id group);
std::string replica(group_id group);
std::string indexer(group_id group);
std::string witness(group_id group);
std::string shard(group_id group);
std::string raft_group(group_id group);
std::string link(node_number node);
std::string router(std::size_t number);
std::string gateway(std::size_t number);
std::string store_worker(std::size_t number);

} // namespace grape::actors::role
