#pragma once

#include "core/cluster/placement.hpp"
#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/raft/configuration.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace grape::cluster {

/// Numbers stand on disk.
enum class replica_role : std::uint8_t {
  voter = 0,
  learner = 1, ///< On its way: gets data, does not count yet, answers nobody.
  witness = 2, ///< Votes, holds no data.
};

/// One replica of a shard.
struct replica {
  replica_id id;
  node_number node;
  replica_role role = replica_role::voter;

  friend bool operator==(const replica&, const replica&) = default;
};

/// The change of a replica set that is under way. Increasing, never reused; 0 = none.
using move_number = id<struct move_number_tag>;

/// How far a move has come; what is written here is done, so that any node can go on from it.
/// Numbers stand on disk.
enum class move_stage : std::uint8_t {
  joining = 0,   ///< The newcomer becomes a learner of the group and gets its data.
  indexing = 1,  ///< It follows the log; its indexes are built, so that no cold replica answers.
  switching = 2, ///< The members change, in one joint change. From here on there is no way back.
  leaving = 3,   ///< They have changed: routers know. Who left deletes its data after a while.
  undoing = 4, ///< Given up before `switching`: the newcomer leaves the group and deletes its data.
};

struct shard_move {
  move_number number;
  std::optional<replica> from; ///< Leaves; with the role it had.
  std::optional<replica> to;   ///< Comes; with the role it will have.
  move_stage stage = move_stage::joining;

  friend bool operator==(const shard_move&, const shard_move&) = default;
};

/// Where the replicas of one shard are. Its methods are the only changes it knows, each all or
/// nothing. Copies are independent.
struct shard_replicas {
  group_id group;
  grape::epoch epoch{1};         ///< One more whenever routers must ask other nodes.
  std::vector<replica> replicas; ///< Ascending by id. Who comes is a learner before `leaving`.
  replica_id next{1};            ///< Of the next replica; ids are never reused.
  std::optional<shard_move> move;
  /// Begins when `move` ends: one whose files are being cleared away, or in which the witness makes
  /// room on the node that this goes to. Until the control plane finds another home for a witness,
  /// every data replica counts for a majority.
  std::optional<placement_step> then;
  /// Where a person put replicas: levelling leaves them there, until other nodes come.
  std::set<node_number> by_hand;

  /// The replica on `node`, or null.
  const replica* on(node_number node) const noexcept;

  /// The replica of this id, or null.
  const replica* find(replica_id which) const noexcept;

  /// Whether a step to another node may come `then`: what a move has left is being cleared away.
  bool takes_next() const noexcept;

  /// Where `to` holds the witness, that leaves first, and the step comes `then`; so it does where
  /// `takes_next()`. Errors: bad_request, with what is in the way (a move is under way, `from` has
  /// no replica, `to` has one already, nobody would be left).
  status begin(move_number number, const placement_step& step);

  /// A person wanted the move that has just begun.
  void keep_by_hand(const placement_step& step);

  /// The move `number` is now at stage `to`; each stage follows the one before, `undoing` any
  /// before `switching`. Where it is already: no effect. Undoing a move that only makes room gives
  /// up what comes `then`. Errors: not_found (no such move), bad_request (a stage that does not
  /// follow).
  status advance(move_number number, move_stage to);

  /// All traces of the move `number` are gone from the nodes; what comes `then` begins as move
  /// `following`, unless it has become impossible. Errors: as `advance`.
  status finish(move_number number, move_number following);

  /// What placement looks at, with `factor` as the goal: who votes now.
  placed_group placed(std::size_t factor) const;

  /// What is still to change of that: the move under way, as placement planned it; an empty step
  /// once `placed` shows its end.
  std::optional<placement_step> step() const;

  friend bool operator==(const shard_replicas&, const shard_replicas&) = default;

private:
  status begin_afterwards(const placement_step& step);
};

/// The first replicas of a new group: `where.data` votes, and so does the witness.
shard_replicas first_replicas(group_id group, const placed_group& where);

/// The members that the group's log begins with, if `self` is one of them and no others are
/// committed here yet, also while a move is under way. Nothing: such a replica, without a log, gets
/// everything from its leader.
std::optional<raft::configuration> first_members(const shard_replicas& of, replica_id self);

} // namespace grape::cluster
