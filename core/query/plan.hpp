#pragma once

#include "core/outcome.hpp"
#include "core/request/collection.hpp"
#include "core/request/read.hpp"
#include "core/shard/query.hpp"

#include <functional>
#include <span>
#include <string_view>
#include <optional>
#include <vector>

/// One request -> what the shards are asked, and their answers -> one answer. Pure.
namespace grape::query {

/// The ids that stand for vectors in the request, ascending, each once: they must be looked up
/// before the shards can be asked.
std::vector<point_id> referenced_ids(const query_request& request);

/// The vectors looked up: the point's vector under the name asked, or why there is none.
using vector_lookup = std::function<outcome<dense_vector>(const point_id&)>;

/// What every shard of the collection is asked. Errors: wrong_input (dimension, vector name),
/// not_found (a referenced point), bad_request.
outcome<shard::shard_query> plan(const query_request& request, const collection_schema& schema,
                                 const vector_lookup& lookup);

/// The vector of `found` that the request means, for `vector_lookup`. `found` null: the point does
/// not exist.
outcome<dense_vector> vector_of(const point_id& id, const record* found, std::string_view name);

/// True if the scores of this query are better when smaller.
bool ascending(const query_request& request, const collection_schema& schema);

/// The best of all shards' hits: `limit` of them after `offset`.
std::vector<scored_record> merge(std::vector<shard::shard_hits> shards, bool ascending_scores,
                                 std::uint64_t offset, std::uint64_t limit);

/// The first `limit` records of all shards' pages, and where the next page begins.
scroll_reply merge(std::vector<shard::shard_page> shards, std::uint64_t limit);

/// Records in the order of `ids`, each once.
std::vector<record> merge(std::vector<std::vector<record>> shards, std::span<const point_id> ids);

} // namespace grape::query
