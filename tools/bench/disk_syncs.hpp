#pragma once

#include "core/outcome.hpp"

#include <string>
#include <vector>

namespace grape::bench {

/// Grows a new file in `folder` by 4 KiB before each fdatasync, for `seconds`, and removes it: how
/// long each took, in seconds, ascending; at least one. Errors: io_error, no_space.
outcome<std::vector<double>> measure_disk_syncs(const std::string& folder, double seconds);

} // namespace grape::bench
