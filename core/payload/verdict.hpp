#pragma once

#include "core/slot_set.hpp"

namespace grape::payload {

/// What a column can say about a test: surely true for `yes`; true or false for the rest of
/// `possible`, where only the payload tells; surely false elsewhere. yes is a subset of possible.
struct verdict {
  slot_set yes;
  slot_set possible;
};

} // namespace grape::payload
