#pragma once

#include "config/node_config.hpp"
#include "core/outcome.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace grape {

/// Looks up an environment variable; nothing if it is not set.
using environment = std::function<std::optional<std::string>(const std::string& name)>;

/// Reads `text` as TOML over the defaults, then the variables GRAPE_SECTION_KEY over that, then
/// checks the whole. `file` is only named in errors. All or nothing; errc::bad_config with
/// "file:line: section.key: why" or "GRAPE_SECTION_KEY: why" (lists are given with commas there).
outcome<node_config> read_config(std::string_view text, const std::string& file,
                                 const environment& variable);

/// As above for a file on disk and the environment of this process. A file that cannot be read is
/// errc::bad_config with "file: why".
outcome<node_config> read_config_file(const std::string& file);

/// Every key that a file may hold, as "section.key", ascending.
std::vector<std::string> config_keys();

/// The defaults and the environment of this process, without any file.
outcome<node_config> read_default_config();

} // namespace grape
