#pragma once

#include "core/outcome.hpp"
#include "core/request/cluster.hpp"

#include <string>

namespace grape::http {

/// POST /collections/{c}/cluster; the collection's name is left to the caller. Errors: malformed,
/// invalid (complete texts), bad_request.
outcome<change_replicas_request> decode_change_replicas(std::string& body);

/// POST /grape/v1/cluster/recover. Errors: malformed.
outcome<recover_request> decode_recover(std::string& body);

} // namespace grape::http
