#pragma once

#include "core/ids.hpp"
#include "core/status.hpp"

#include <caf/error.hpp>
#include <caf/message.hpp>

#include <optional>

CAF_ERROR_CODE_ENUM(grape::errc, "grape")

namespace grape::actors {

/// A status as CAF carries it. Needs `!from.ok()`.
caf::error to_error(const status& from);

/// The same, with the node that leads the group meant, if the refuser knows it.
caf::error to_error(const status& from, std::optional<node_number> leader);

/// The leader that an error of ours names.
std::optional<node_number> leader_of(const caf::error& from);

/// What a CAF error means to whoever asked a question that changes nothing: an actor that fell or
/// is gone is `unavailable`, a request that ran out of time is `timed_out`.
status to_status(const caf::error& from);

/// As `to_status` for a question that may have changed something before its answer was lost: then
/// nobody knows, and it is `commit_unknown`.
status to_write_status(const caf::error& from);

/// Why a floor failed: `internal` where the reason is not one of ours.
status to_status_of_fall(const caf::error& from);

/// One line for people, e.g. "io_error: log/log-3.log: no space left".
std::string describe(const caf::error& from);

} // namespace grape::actors
