#pragma once

#include "core/status.hpp"
#include "core/storage/file_system.hpp"
#include "core/storage/leveldb_copy.hpp"
#include "core/storage/store.hpp"

#include <memory>
#include <string>

namespace leveldb {
class Env;
class Status;
} // namespace leveldb

namespace grape::storage {

/// LevelDB's view of the world: our files (so that faults reach it) and the host's threads. It
/// syncs more than LevelDB asks for, wherever LevelDB relies on names or on the order of files
/// surviving a power cut. `files` and `gone`, which removes files of it, must outlive it.
std::unique_ptr<leveldb::Env>
make_leveldb_env(file_system& files, std::shared_ptr<background_lane> lane, removals& gone);

/// What LevelDB reports, with our code (also one that went through the environment above) and the
/// directory in front. LevelDB's "not found" means a lost file here, so it becomes corrupted.
status from_leveldb(const leveldb::Status& reported, const std::string& directory);

} // namespace grape::storage
