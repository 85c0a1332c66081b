#pragma once

#include "core/payload/filter.hpp"

#include <string>

namespace grape::payload {

/// The filter as one short line for a person, e.g. `city = "Berlin" and not price >= 10`. Long
/// lists are cut; "everything" for the empty filter.
std::string describe(const filter& wanted);

} // namespace grape::payload
