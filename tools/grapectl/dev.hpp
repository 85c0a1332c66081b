#pragma once

#include "tools/grapectl/commands.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

/// A cluster of processes on this machine, for trying things out. All that is kept of it stands in
/// one folder: for each node its configuration `n1.toml`, its data `n1/`, its log `n1.log` and the
/// number of its process `n1.pid`.
namespace grape::ctl {

struct dev_options {
  std::string dir = "grape-dev";
  std::string graped;        ///< The program; empty = the one beside this program.
  std::uint32_t nodes = 3;   ///< 1..9; of a folder that has nodes already, what is there counts.
  std::uint16_t port = 6333; ///< HTTP of the first node, if it and those after it are free.
  /// True: the nodes of a new folder get networks of their own, for `dev_partition`. Needs root.
  bool private_networks = false;
  std::chrono::seconds patience{60};
};

/// Starts every node of the folder that does not run, and waits until all are ready and connected.
exit_code dev_up(const dev_options& wanted);

/// Ends all of them in order; who does not end within 15 s is killed, and named.
exit_code dev_down(const dev_options& wanted);

/// What can be done to one node: "kill" (SIGKILL), "pause" (SIGSTOP), "resume" (SIGCONT).
exit_code dev_signal(const dev_options& wanted, const std::string& node, const std::string& how);

/// Cuts these nodes off from all others, whatever was cut before; they still hear each other.
exit_code dev_partition(const dev_options& wanted, const std::vector<std::string>& nodes);

/// Everybody hears everybody again.
exit_code dev_heal(const dev_options& wanted);

} // namespace grape::ctl
