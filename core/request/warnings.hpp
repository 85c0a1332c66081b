#pragma once

#include "core/request/collection.hpp"

#include <string>
#include <vector>

namespace grape {

/// What an operator should know about options that are accepted and yet cannot do what they say, in
/// the order of the vectors' names. Empty: nothing.
std::vector<std::string> warnings_about(const collection_options& options);

} // namespace grape
