#pragma once

#include "config/node_config.hpp"

#include <optional>
#include <string>
#include <vector>

namespace grape {

/// What is wrong with a configuration whose values are each in range.
struct config_flaw {
  std::vector<std::string> keys; ///< "section.key", the ones to look at, most telling first.
  std::string why;
};

/// The first flaw in how the values stand to each other; nothing if the node can use them.
std::optional<config_flaw> flaw_of(const node_config& config);

} // namespace grape
