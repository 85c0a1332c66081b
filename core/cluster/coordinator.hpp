#pragma once

#include "core/cluster/metadata.hpp"
#include "core/cluster/migration.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <tuple>
#include <vector>

namespace grape::cluster {

struct coordinator_options {
  std::uint64_t repair_delay_ms = 300'000; ///< A node that is away for less is waited for.
  std::uint64_t pending_ms_max = 600'000;  ///< One that never came is waited for so long, or more.
  placement_limits limits;
  migration_options migration;
};

/// What whoever leads the metadata group sees of the cluster.
struct cluster_sight {
  std::set<node_number> down;                  ///< As a majority says: see `down_reports`.
  std::map<group_id, move_observation> groups; ///< Of those that told or move; may be old.
};

/// An action that is not a command: for the group, or for a node.
struct group_action {
  group_id group;
  migration_action action;
};

/// What is to be done now.
struct coordination {
  std::vector<metadata_command> commands; ///< To commit, in this order; each may be refused.
  std::vector<group_action> actions;
};

/// How long a majority has not heard a node.
enum class silence : std::uint8_t { none, short_yet, too_long };

/// Keeps the cluster as it should be: says who is down for long, replaces what they held, relieves
/// full nodes, empties those that are to leave, drives every move, and drops what recoveries left
/// behind whose nodes have gone. Acts only while its node leads the metadata group; whoever leads
/// next goes on from what is committed. Knows no clock; not thread-safe.
class coordinator {
public:
  explicit coordinator(const coordinator_options& options)
    : options_(options) {}

  /// `now_ms` never runs backwards. Ask again after the commands are committed, and every second.
  /// `as_of` tells states apart, so that nothing is planned again for one that is as it was; 0: it
  /// is not known.
  coordination look(const metadata& state, const cluster_sight& seen, std::uint64_t now_ms,
                    epoch as_of = {});

private:
  using stage_key = std::tuple<group_id, move_number, move_stage>;

  silence silence_of(node_number node, std::uint64_t now_ms) const;
  bool never_came(node_number number, const node_entry& node, std::uint64_t now_ms) const;
  void judge_nodes(const metadata& state, const cluster_sight& seen, std::uint64_t now_ms,
                   coordination& into);
  void place(const metadata& state, epoch as_of, coordination& into);
  void drive(const metadata& state, const cluster_sight& seen, std::uint64_t now_ms,
             coordination& into);

  coordinator_options options_;
  std::map<node_number, std::uint64_t> down_since_ms_;
  std::map<stage_key, std::uint64_t> stage_since_ms_;
  epoch placed_{}; ///< In this state all replicas are where they should be; 0 = not known.
};

} // namespace grape::cluster
