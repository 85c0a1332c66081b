#pragma once

#include "core/outcome.hpp"
#include "core/request/cluster.hpp"
#include "core/request/quota.hpp"

#include <string>
#include <variant>

namespace grape::http {

/// What may be asked of the shards of a collection.
using cluster_operation = std::variant<change_replicas_request, change_shard_keys_request>;

/// POST /collections/{c}/cluster; the collection's name is left to the caller. Errors: malformed,
/// invalid (complete texts), bad_request.
outcome<cluster_operation> decode_cluster_operation(std::string& body);

/// PUT /collections/{c}/shards and POST /collections/{c}/shards/delete; as above.
outcome<change_shard_keys_request> decode_add_shard_key(std::string& body);
outcome<change_shard_keys_request> decode_remove_shard_key(std::string& body);

/// PUT /quotas: what is absent is not limited. Errors: malformed, invalid.
outcome<set_quotas_request> decode_quotas(std::string& body);

/// POST /grape/v1/cluster/recover. Errors: malformed.
outcome<recover_request> decode_recover(std::string& body);

} // namespace grape::http
