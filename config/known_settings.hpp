#pragma once

#include "config/node_config.hpp"
#include "config/toml_settings.hpp"

#include <functional>
#include <map>
#include <string>

namespace grape {

/// How the text of an environment variable is to be understood.
enum class setting_kind : std::uint8_t { truth, whole, text, list };

/// One key of the configuration. `store` puts a value into its field and returns why it does not
/// fit; empty = it does.
struct known_setting {
  setting_kind kind = setting_kind::text;
  std::function<std::string(const setting_value&, node_config&)> store;
};

/// The one table of all keys, by "section.key".
const std::map<std::string, known_setting>& known_settings();

} // namespace grape
