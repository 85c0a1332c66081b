#pragma once

#include "core/status.hpp"
#include "core/storage/file_system.hpp"

#include <string>

namespace grape::storage {

/// Looks at the files of a LevelDB before LevelDB does, and cuts off what a power cut left behind
/// of bytes that were never synced. LevelDB by itself cannot tell a torn tail from a damaged one:
/// it silently drops a record whose length was flipped and everything after it, skips zeros, and
/// refuses a tail with holes. Also refuses a directory whose CURRENT is lost, where LevelDB would
/// start anew and delete what is there. Fine if there is no LevelDB yet. Call it while the
/// directory is not open. Errors: corrupted, naming file and offset; io_error, no_space.
status mend_leveldb(file_system& files, const std::string& directory);

} // namespace grape::storage
