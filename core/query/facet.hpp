#pragma once

#include "core/request/collection.hpp"
#include "core/request/read.hpp"
#include "core/shard/question.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace grape::query {

/// Whether the values of a field are counted by its index: keyword, integer with lookup, bool or
/// uuid. Error: bad_request, in the words that clients know.
status can_be_counted(const std::string& field, const collection_schema& schema);

/// The `limit` most frequent values of all shards together; exact if each shard told all of its
/// own.
facet_reply merge(std::vector<shard::shard_facet> shards, std::uint64_t limit);

} // namespace grape::query
