#pragma once

#include "core/outcome.hpp"
#include "core/request/collection.hpp"
#include "core/request/snapshot.hpp"

#include <chrono>
#include <functional>
#include <string>

/// The snapshots that lie on another node, asked over HTTP from a thread that may block.
namespace grape::http {

struct remote_node {
  std::string address; ///< host:port
  std::string api_key; ///< Empty: none.
};

/// By which a node knows that another one asks: it answers for itself alone.
inline constexpr const char* only_here_parameter = "grape_only_here";

/// Where a file lies on such a node.
std::string snapshot_url(const remote_node& on, const snapshot_owner& of, const std::string& name);

/// Errors: as `post` of client.hpp; malformed (another answer than expected); not_found.
outcome<snapshot_list> list_snapshots_of(const remote_node& on, const snapshot_owner& of,
                                         const std::function<bool()>& given_up);
outcome<changed> delete_snapshot_of(const remote_node& on, const snapshot_owner& of,
                                    const std::string& name, const std::function<bool()>& given_up);

/// The list in an answer to GET `.../snapshots`. Error: malformed.
outcome<snapshot_list> read_snapshots(std::string body);

} // namespace grape::http
