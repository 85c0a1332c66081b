#pragma once

#include "core/payload/filter.hpp"
#include "net/http/decoding.hpp"

#include <vector>

namespace grape::http {

/// Appends what the members `geo_bounding_box`, `geo_radius` and `geo_polygon` of a condition ask.
/// Places outside of the degrees there are, and rings that are open or too short, are malformed.
void read_geo_tests(const node& of, std::vector<payload::field_test>& tests);

} // namespace grape::http
