#pragma once

#include "core/shard/question.hpp"

#include <span>
#include <vector>

/// What several shards answer to the simpler reads -> one answer. Pure.
namespace grape::query {

/// The first `limit` records of all shards' pages, each id once, and where the next page begins.
scroll_reply merge(std::vector<shard::shard_page> shards, std::uint64_t limit);

/// Records in the order of `ids`, each once.
std::vector<record> merge(std::vector<std::vector<record>> shards, std::span<const point_id> ids);

} // namespace grape::query
