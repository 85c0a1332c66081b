#pragma once

#include "core/ids.hpp"

#include <optional>

namespace grape::cluster {

/// Who leads a group, as far as a node was told. Its own replica is believed unless it is behind;
/// what others say counts until the replica says more, but never against a replica that leads: a
/// late word about an old leader would hide from the node that it leads itself. Not thread-safe.
class known_leader {
public:
  /// By the group's replica on this node; what is of an older term than it said before is dropped.
  void told_by_replica(grape::term term, std::optional<node_number> leader, bool leads) {
    if (term < term_)
      return;
    term_ = term;
    leader_ = leader;
    leads_ = leads;
  }

  /// By a node that refused a question and named another one, or that answered as a leader does.
  void hinted(std::optional<node_number> leader) {
    if (!leads_)
      leader_ = leader;
  }

  std::optional<node_number> leader() const noexcept { return leader_; }

private:
  grape::term term_;
  std::optional<node_number> leader_;
  bool leads_ = false;
};

} // namespace grape::cluster
