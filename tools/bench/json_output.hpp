#pragma once

#include "core/status.hpp"

#include <string>

namespace grape::bench {

/// Writes a result where --json said: a file, "-" for stdout, empty for nowhere. Error: io_error.
status write_json_output(const std::string& path, const std::string& json);

} // namespace grape::bench
