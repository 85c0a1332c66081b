#pragma once

#include "core/cluster/metadata.hpp"
#include "core/request/cluster.hpp"

#include <string>

/// The keys of collections that are sharded by keys: what may be done with them, in the words that
/// clients of Qdrant know.
namespace grape::cluster {

/// Whether a key can be created, or dropped, as things are. `name`: how the collection was called.
/// Errors: bad_request.
status check(const metadata& state, const collection_entry& of, const std::string& name,
             const add_shard_key& asked);
status check(const collection_entry& of, const std::string& name, const remove_shard_key& asked);

/// What a person asks of a collection's keys, as a command for the metadata group, which checks
/// again. `shards_max`: so many may a collection have. Errors: not_found (the collection),
/// bad_request, unavailable (a node that is named takes no replicas now).
outcome<metadata_command> command_of(const metadata& state, const change_shard_keys_request& asked,
                                     std::uint32_t shards_max);

/// Errors: not_found (the collection).
outcome<shard_key_list> list_shard_keys(const metadata& state,
                                        const list_shard_keys_request& asked);

} // namespace grape::cluster
