#pragma once

#include "core/outcome.hpp"
#include "tools/grapectl/ask.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace grape::ctl {

/// One node of a folder; see dev.hpp.
struct dev_node {
  std::string name;
  std::filesystem::path config;
  std::filesystem::path log;
  std::filesystem::path pid_file;
  node_address http;
  std::vector<std::string> around; ///< The beginning of the command that runs it; may be empty.
};

/// Writes configurations for `count` nodes on the first free run of ports from `port` on: HTTP on
/// port, port + 10, ...; between nodes on each plus 2. Errors: io_error, no_space (no free ports).
status make_dev_nodes(const std::filesystem::path& dir, std::uint32_t count, std::uint16_t port);

/// The same for nodes in networks of their own (dev_network.hpp), all on `port` and `port` + 2.
status make_private_dev_nodes(const std::filesystem::path& dir, std::uint32_t count,
                              std::uint16_t port);

/// Whether the nodes that are there have networks of their own.
bool is_private(const std::vector<dev_node>& nodes);

/// What the folder has, by name. Empty: nothing. Errors: io_error, malformed.
outcome<std::vector<dev_node>> dev_nodes_in(const std::filesystem::path& dir);

/// The process of a node, 0 if none runs. A number that another program has got since is none.
pid_t process_of(const dev_node& node);

/// Starts the node in a session of its own, so that it outlives whoever started it. Errors:
/// io_error.
status start_process(const dev_node& node, const std::string& program);

} // namespace grape::ctl
