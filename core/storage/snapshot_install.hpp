#pragma once

#include "core/outcome.hpp"
#include "core/storage/file_system.hpp"
#include "core/storage/ordered_log.hpp"

#include <string>
#include <string_view>

/// How a snapshot that was received takes the place of what a replica has in its folder, whole or
/// not at all. In this order: a store in `receiving_folder`, synced and closed; `stage_received`;
/// then the one switch, a write to the log with the mark and the name of the staged folder; then
/// `settle_staging`, also at each start; then the log may forget the name (`ordered_log::compact`).
/// The stores below the folder are closed while it settles. Errors are those of the file system,
/// which name the path.
namespace grape::storage {

/// Where a snapshot is received, below the replica's folder. It stays over restarts, so that
/// receiving can go on where it was interrupted.
inline constexpr std::string_view receiving_folder = "receiving";

/// What is in a staged folder.
enum class staged_content : std::uint8_t {
  whole,      ///< A store that replaces `points`.
  difference, ///< A store of what changed since a state that `points` has passed.
};

/// Gives what was received the name for the log, durably, and returns it. The snapshot is known by
/// its mark: what the log still says of an earlier one is never taken for it.
outcome<std::string> stage_received(file_system& files, const std::string& directory,
                                    const raft::snapshot_mark& of, staged_content what);

/// Goes on from what the log says: a whole store that it names takes the place of `points`, and
/// `segments`, which are derived, go; all other staged folders go. Does the rest of the work if it
/// was interrupted, nothing if there is none. Returns the name of a difference that the log says
/// applies, or nothing: whoever asked brings `points` up to it, then `drop_staged`. corrupted:
/// neither the folder that the log names nor `points` is there.
outcome<std::string> settle_staging(file_system& files, const std::string& directory,
                                    const log_base& said);

/// Removes a difference that `points` has durably.
status drop_staged(file_system& files, const std::string& directory, const std::string& staged);

} // namespace grape::storage
