#pragma once

#include "actors/node.hpp"
#include "core/outcome.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace grape::stress {

/// Whole nodes in this process: one alone, or several that form a cluster over loopback.
class hosts {
public:
  /// Nodes keep their data in `folder`. `hooks`: their actors can be killed by name.
  hosts(std::string folder, std::uint32_t nodes, bool hooks);
  ~hosts();

  /// Opens what is there. The ports of the nodes live until `close`.
  status open();

  /// Ends all nodes in order.
  void close();

  std::vector<gateway_port*> ports() const;
  std::vector<gateway_port*> ports_on_callers() const;

  /// Failures and notes so far, a sentence each.
  std::vector<std::string> notes() const;

private:
  node_config config_of(std::uint32_t number) const;

  std::string folder_;
  bool hooks_;
  std::vector<std::uint16_t> peer_ports_; // Of a cluster; else empty.
  std::uint32_t count_;
  std::vector<std::unique_ptr<actors::node>> nodes_;
  mutable std::mutex mutex_; // Protects what follows.
  std::vector<std::string> notes_;
};

} // namespace grape::stress
