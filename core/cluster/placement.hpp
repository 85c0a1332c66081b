#pragma once

#include "core/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace grape::cluster {

/// A node as placement sees it.
struct placement_node {
  std::string name;    ///< Breaks ties, so that the partners of a node differ from shard to shard.
  bool accepts = true; ///< May get replicas.
  bool keeps = true;   ///< May keep those it has; true if it accepts.
  std::size_t room = static_cast<std::size_t>(-1); ///< Data replicas more that it can hold.
};

/// Where the replicas of one group are.
struct placed_group {
  std::size_t factor = 1;             ///< Data replicas wanted: a goal, not a promise.
  std::set<node_number> data;         ///< Nodes that hold a data replica, at most one each.
  std::optional<node_number> witness; ///< Votes, holds no data. Never one of `data`.
  std::set<node_number> by_hand{};    ///< From these levelling takes nothing.
  /// If not empty: data replicas go to others only where these do not suffice, come back to these
  /// as soon as they can, and levelling brings none to others.
  std::set<node_number> at_best{};
  bool needs_room = true; ///< What nodes can hold limits where it goes.

  bool prefers(node_number node) const { return at_best.empty() || at_best.contains(node); }

  friend bool operator==(const placed_group&, const placed_group&) = default;
};

/// All that placement looks at. Nodes that hold replicas but are not in `nodes` are gone for good.
struct layout {
  std::map<node_number, placement_node> nodes;
  std::map<group_id, placed_group> groups;
};

/// Nodes for a group that has none yet: those of `at_best` first, if there are any, and of these
/// and the others those that hold the fewest data replicas. Fewer than `factor` if fewer accept and
/// have room. An even factor gets a witness if a node is left, so that two replicas outlive one
/// node.
placed_group choose_nodes(const layout& where, group_id group, std::size_t factor,
                          std::set<node_number> at_best = {});

/// One change of where a group's replicas are, made as one change of its members.
struct placement_step {
  group_id group{};
  std::optional<node_number> from{}; ///< Gives its replica up once `to` has one.
  std::optional<node_number> to{};   ///< Holds no replica of the group, not even as its witness.
  bool witness = false;              ///< It is the witness that moves, comes or goes.

  friend bool operator==(const placement_step&, const placement_step&) = default;
};

/// `group` after `step`.
placed_group after(placed_group group, const placement_step& step);

/// How much may be on the move at once. Each is at least 1.
struct placement_limits {
  std::size_t in_max = 2;  ///< Replicas that one node receives at a time.
  std::size_t out_max = 2; ///< Replicas that one node which could keep them gives away at a time.
};

/// What to begin next, while the steps of `moving` are under way: replicas on nodes that are gone
/// or do not keep them are replaced, missing ones added, surplus ones given up, others brought to
/// where they are at best; then the fullest nodes are relieved until no two differ by more than one
/// data replica, or all that is left on them was placed by hand. No group changes twice at a time,
/// nothing moves that need not, a group all of whose data replicas are gone is left alone. Empty:
/// all is well, or the limits allow nothing yet, or there is no node to go to. Deterministic.
std::vector<placement_step> plan_placement(const layout& where,
                                           const std::vector<placement_step>& moving,
                                           const placement_limits& limits);

/// Data replicas on each node that accepts.
std::map<node_number, std::size_t> replica_counts(const layout& where);

} // namespace grape::cluster
