#pragma once

#include "core/outcome.hpp"
#include "core/storage/point_store.hpp"
#include "core/vector/point.hpp"

namespace grape::storage {

/// The point that the records of a store mean. Errors: corrupted, wrong_version.
outcome<point> point_of(const stored_point& of);

/// The reverse: the records that a store would keep for the point.
stored_point stored_from(const point& of, const point_meta& meta);

} // namespace grape::storage
