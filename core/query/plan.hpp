#pragma once

#include "core/outcome.hpp"
#include "core/query/stages.hpp"
#include "core/request/collection.hpp"
#include "core/request/read.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// One request -> what the shards are asked. Pure.
namespace grape::query {

/// The ids that stand for vectors in this part of a request (not in its prefetches), ascending,
/// each once: they must be looked up before the shards can be asked.
std::vector<point_id> referenced_ids(const query_part& of);

/// Calls visit(part) for a request and all its prefetches, at any depth.
template <class Visit>
void each_part(const query_part& of, Visit&& visit) {
  visit(of);
  for (const auto& inner : of.prefetches)
    each_part(inner, visit);
}

/// The vector that an id stands for in a part of the request, or why there is none.
using vector_lookup = std::function<outcome<vector_value>(const query_part&, const point_id&)>;

/// What must be known of the world to plan.
struct plan_context {
  const collection_schema& schema;
  const vector_lookup& lookup;
  /// Whether the ids of a part are looked up in another collection than the one asked.
  const std::function<bool(const query_part&)>& looks_elsewhere;
};

/// The stages of a request. Errors: wrong_input (dimension, vector name, too many levels),
/// not_found (a referenced point), bad_request.
outcome<query_plan> plan(const query_request& request, const plan_context& known);

/// Which vector of a point `of` means.
const std::string& looked_up_name(const query_part& of);

/// The vector `name` of `found`, for `vector_lookup`. `found` null: the point does not exist.
/// `schema`: of the collection looked into.
outcome<vector_value> vector_of(const point_id& id, const record* found, const std::string& name,
                                const collection_schema& schema);

} // namespace grape::query
