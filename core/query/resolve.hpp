#pragma once

#include "core/outcome.hpp"
#include "core/query/plan.hpp"
#include "core/shard/ranking.hpp"

#include <string_view>

namespace grape::query {

/// A query kind as a ranking: ids become vectors, vectors get the form in which they are stored,
/// examples are averaged where the strategy says so. Needs another kind than a fusion. Errors:
/// wrong_input, not_found, bad_request.
outcome<shard::ranking> rank_by(const query_kind& query, const query_part& of,
                                const plan_context& known);

/// "nearest", "recommend by best score", ...
std::string_view name_of(const query_kind& query);

} // namespace grape::query
