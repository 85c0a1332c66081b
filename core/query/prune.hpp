#pragma once

#include "core/cluster/shard_scope.hpp"
#include "core/payload/filter.hpp"
#include "core/shard/question.hpp"

#include <optional>
#include <set>
#include <vector>

namespace grape::query {

/// All ids that can match, where the filter says so (`has_id` that must hold); nothing: any may.
std::optional<std::set<point_id>> ids_that_may_match(const payload::filter& of);

/// The shards of a scope, ascending, that keep anything which may match one of the filters; no
/// filter: all of them. At least one if it has any, so that somebody answers.
std::vector<shard_id>
shards_that_may_match(const cluster::shard_scope& scope,
                      const std::vector<const std::optional<payload::filter>*>& filters);

/// What a question is about, for `shards_that_may_match`: a filter for each of its parts; none
/// where it is about everything. Points into the question.
std::vector<const std::optional<payload::filter>*> filters_of(const shard::question& of);

} // namespace grape::query
