#pragma once

#include "config/node_config.hpp"

namespace grape::graped {

/// Exit codes of graped.
enum exit_code : int {
  in_order = 0,
  bad_configuration = 2,
  unusable_place = 3, ///< Data directory locked, damaged or not ours; port taken.
  failed = 4,         ///< The tree of care gave up.
};

/// Runs a node until SIGTERM or SIGINT, or until it fails. Returns the exit code; never longer
/// than about 10 seconds after the signal.
int serve(const node_config& config);

} // namespace grape::graped
