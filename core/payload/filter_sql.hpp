#pragma once

#include "core/outcome.hpp"
#include "core/payload/filter.hpp"

#include <cstddef>
#include <string_view>

namespace grape::payload {

/// Longer texts, and deeper brackets and negations, are refused.
inline constexpr std::size_t filter_sql_bytes_max = 64 * 1024;
inline constexpr std::size_t filter_sql_depth_max = 64;

/// What stands behind SQL's WHERE as a filter: comparisons joined by AND, OR, NOT and brackets.
///
/// A comparison is a payload path (`city`, `a[].b`, `"odd key".x`) with one of =, != (or <>), >,
/// >=,
/// <, <=, LIKE, NOT LIKE, IN, NOT IN, IS NULL, IS NOT NULL, and literals: 'text' (a quote in it is
/// doubled), numbers, TRUE, FALSE. Numbers equal integers and floats of that value. Texts with <,
/// <=, > or >= must be points in time. IS NULL holds where nothing is: missing, null or []. Only
/// where something is do !=, NOT LIKE and NOT IN hold, and then if no value there equals or fits;
/// NOT in front of anything else is plain negation.
///
/// Error: malformed, with the place of the fault.
outcome<filter> parse_filter_sql(std::string_view text);

} // namespace grape::payload
