#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/request/collection.hpp"
#include "core/storage/leveldb_store.hpp"
#include "core/storage/point_store.hpp"
#include "core/storage/snapshot_install.hpp"

#include <string>

namespace grape::shard {

/// Brings a replica's folder to what the log says (`settle_staging`), differences included. At each
/// start, and after each switch, before the store is opened. May be interrupted at any point and
/// done again. Errors: those of the stores; corrupted: what was staged does not fit the points.
status settle_snapshot(storage::file_system& files, const std::string& directory,
                       const storage::log_base& said, const storage::leveldb_options& how);

/// Makes `points` live by another schema as of entry `applied`, durably, with the field keys that
/// it asks for and no others.
status adopt_schema(storage::point_store& points, const collection_schema& wanted,
                    log_index applied);

} // namespace grape::shard
