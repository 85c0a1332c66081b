#pragma once

#include "core/outcome.hpp"
#include "core/request/collection.hpp"
#include "core/shard/query.hpp"

#include <optional>
#include <vector>

/// The modifier `idf` of sparse vectors: rare indices count more. Its numbers are those of the
/// whole collection, so that a score does not depend on how points are spread over shards.
namespace grape::query {

/// What all shards must be asked before this query can be; nothing: its values stand as they are.
/// Errors: wrong_input (`params.idf` for a vector without the modifier).
outcome<std::optional<shard::term_question>> idf_question(const shard::shard_query& query,
                                                          const collection_schema& schema);

/// Adds what another shard counted. Needs the same question.
void add(shard::term_counts& to, const shard::term_counts& more);

/// Multiplies each sparse value of the query with ln((N - n + 0.5) / (n + 0.5) + 1). Needs the
/// counts for its idf_question.
void weigh(shard::shard_query& query, const shard::term_counts& counts);

} // namespace grape::query
