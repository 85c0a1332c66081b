#pragma once

#include "core/outcome.hpp"

#include <cstddef>
#include <string_view>

namespace grape {

/// The number in "$score" (0) or "$score[3]" (3): which prefetch's score a formula means. Error:
/// malformed for any other name.
outcome<std::size_t> score_index(std::string_view name);

} // namespace grape
