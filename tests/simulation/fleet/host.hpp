#pragma once

#include "core/cluster/coordinator.hpp"
#include "core/cluster/founding.hpp"
#include "core/cluster/host_reports.hpp"
#include "core/cluster/liveness.hpp"
#include "tests/simulation/fleet/borrowed.hpp"
#include "tests/simulation/node.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace grape::fleet {

/// One replica of one group, real Raft and its host's part, on the disk of a node.
struct resident : simulation::node {
  resident(std::uint32_t place, cluster::held_replica what,
           const simulation::staged_snapshot& first)
    : node(place, first)
    , which(what)
    , members_since(first.mark.index) {
    id = what.id;
    kept = first.mark.index;
  }

  cluster::held_replica which;
  log_index members_since; ///< As applied; what it began with counts as new then.
  std::map<replica_id, std::uint32_t> failures; ///< To send data, in a row.
};

/// One node of a small world: what stays on its disk, and what its process knows.
struct host {
  node_number number() const noexcept { return node_number{place + 1}; }
  bool runs() const noexcept { return up && !paused; }

  std::uint32_t place = 0; ///< In the network, from 0.
  std::string name;
  bool up = false;
  bool paused = false;
  bool lost = false;      ///< Its disk failed: it never comes back.
  std::uint64_t life = 0; ///< Counts starts and crashes; what an earlier life wanted is void.
  std::deque<std::function<void()>> backlog; ///< What came while paused, in order.
  std::uint32_t rate = 1'000;                ///< Of its clock, in thousandths.

  // On the disk.
  std::optional<cluster::founding_state> founded; ///< Of a founder alone.
  std::shared_ptr<const cluster::metadata> catalog;
  log_index version; ///< Of the catalog.
  std::map<cluster::held_replica, std::unique_ptr<resident>> residents;
  std::set<cluster::held_replica> deleted;

  // In memory.
  std::optional<cluster::founding> founding;
  std::optional<cluster::liveness> hears;
  std::optional<cluster::host_reports> told;
  std::optional<cluster::coordinator> coordinator; ///< While it leads the metadata group.
  log_index proposed;                              ///< The last that its coordinator wanted.
  instant proposed_at = 0;
  std::uint64_t reports = 0;
  std::set<cluster::held_replica> indexed;
  std::map<cluster::held_replica, std::uint32_t> addresses; ///< Places of replicas it heard of.
  std::map<group_id, node_number> leaders;                  ///< As others said.

  resident* find(const cluster::held_replica& which) {
    const auto found = residents.find(which);
    return found == residents.end() ? nullptr : found->second.get();
  }

  /// Of a group: the newest replica here.
  resident* in(group_id group) {
    auto after = residents.upper_bound({group, replica_id{~std::uint64_t{0}}});
    if (after == residents.begin())
      return nullptr;
    --after;
    return after->first.group == group ? after->second.get() : nullptr;
  }
};

} // namespace grape::fleet
