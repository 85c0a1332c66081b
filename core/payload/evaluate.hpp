#pragma once

#include "core/budget.hpp"
#include "core/payload/field_meaning.hpp"
#include "core/payload/filter.hpp"
#include "core/payload/value.hpp"
#include "core/vector/point.hpp"

#include <functional>
#include <string_view>

namespace grape::payload {

/// Whether a point satisfies `wanted`, decided from its whole payload: the meaning of the filter
/// language, slowly. `has_vector(name)` tells whether the point carries that vector; if empty, no.
///
/// A condition holds if any value at its path satisfies it; an array at the end of the path is
/// looked into, one level. A path that does not parse finds nothing. Where Qdrant's answer depends
/// on an index (several values, some of them empty or null), ours is that of its index. `meanings`
/// tells where an index changes what a condition means. With `work` its deadline is looked at on
/// the way, at no cost in visits: once that is over, the answer means nothing.
bool matches(const filter& wanted, const point_id& id, const object& payload,
             const std::function<bool(std::string_view)>& has_vector,
             const field_meanings& meanings = {}, budget* work = nullptr);

/// Whether the values at the condition's path satisfy one of its tests.
bool matches(const field_condition& wanted, const object& payload, field_meaning meaning = {});

} // namespace grape::payload
