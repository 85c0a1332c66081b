#pragma once

#include "core/payload/filter.hpp"
#include "core/request/collection.hpp"
#include "core/request/formula.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace grape {

/// A payload path that a filter asks about, and the types of index of which one would help.
struct missing_index {
  std::string field;
  std::set<std::string_view> types; ///< By their names; not empty.
};

/// The first path of a filter that no index of `fields` covers; nothing: all are covered.
std::optional<missing_index> first_unindexed(const payload::filter& filter,
                                             const std::map<std::string, field_schema>& fields);

/// The same of the paths of a formula, which needs numbers, datetimes and places.
std::optional<missing_index> first_unindexed(const formula& of,
                                             const std::map<std::string, field_schema>& fields);

/// Whether an index finds the points with one value.
bool can_match(const field_schema& index);

} // namespace grape
