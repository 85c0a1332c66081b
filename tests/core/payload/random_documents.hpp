#pragma once

#include "core/payload/filter.hpp"
#include "core/payload/value.hpp"
#include "core/request/collection.hpp"

#include <random>
#include <string>

namespace grape::payload {

/// A small payload over few keys and few values, so that filters often meet it: mixed types,
/// nulls, empty and nested arrays, objects, missing fields.
object random_document(std::mt19937_64& random);

/// A path that often leads somewhere in such a payload.
std::string random_path(std::mt19937_64& random);

/// A filter over such payloads, ids 0..49 and the vectors "" and "image".
filter random_filter(std::mt19937_64& random, int depth = 3);

/// An index of any type; one of texts with random parameters.
field_schema random_index(std::mt19937_64& random);

} // namespace grape::payload
