#pragma once

#include "core/payload/value.hpp"

#include <string_view>

namespace grape::payload {

/// The text as a tree. Fails the test if it is not JSON.
value read_json(std::string_view text);

/// The same for a text that is an object.
object read_object(std::string_view text);

} // namespace grape::payload
