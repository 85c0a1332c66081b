#pragma once

#include "core/outcome.hpp"
#include "core/storage/file_system.hpp"
#include "core/storage/ordered_log.hpp"

#include <cstdint>
#include <span>
#include <string>

/// How a snapshot that was received takes the place of what a replica has in its folder, whole or
/// not at all. In this order: `begin_staging`, the files, `seal_staging`; then the one switch, a
/// write to the log with the mark and the name of the staged folder; then `settle_staging`, also at
/// each start; then the log may forget the name (`ordered_log::compact`). The stores below the
/// folder are closed while it settles. Errors are those of the file system, which name the path.
namespace grape::storage {

/// A file of a snapshot, as its sender described it.
struct staged_file {
  std::string name; ///< Below the staged folder; no folders in it.
  std::uint64_t bytes = 0;
  std::uint32_t crc32c = 0; ///< Of the whole content.
};

/// Makes an empty folder for a snapshot in the replica's, and returns its name there. No other
/// snapshot has the same, so that what the log still says of an earlier one is never taken for it.
outcome<std::string> begin_staging(file_system& files, const std::string& directory,
                                   const raft::snapshot_mark& of);

/// Makes what was received durable. corrupted: it is not, byte for byte, what was sent, or a file
/// is missing or too many.
status seal_staging(file_system& files, const std::string& directory, const std::string& staged,
                    std::span<const staged_file> sent);

/// Goes on from what the log says: a staged folder that it names takes the place of `points`, and
/// `segments`, which are derived, go; all others go. Does the rest of the work if it was
/// interrupted, nothing if there is none. corrupted: neither the folder that the log names nor
/// `points` is there.
status settle_staging(file_system& files, const std::string& directory, const log_base& said);

} // namespace grape::storage
