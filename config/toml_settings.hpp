#pragma once

#include "core/outcome.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace grape {

/// A value as it was written; `unreadable` holds what it is instead, e.g. "a table".
struct unreadable {
  std::string kind;
};

using setting_value
  = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>, unreadable>;

/// One key and where it stands.
struct setting {
  std::string section; ///< Empty: outside of any section.
  std::string key;
  setting_value value;
  std::string where; ///< "file:line", or the name of an environment variable.
};

/// The settings of a TOML text in the order of their lines. errc::bad_config with "file:line: why"
/// if it is not TOML.
outcome<std::vector<setting>> settings_of_toml(std::string_view text, const std::string& file);

} // namespace grape
