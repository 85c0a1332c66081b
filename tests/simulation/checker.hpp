#pragma once

#include "core/raft/output.hpp"
#include "core/raft/peer_status.hpp"
#include "tests/simulation/chain.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/machine.hpp"
#include "tests/simulation/sometimes.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace grape::simulation {

/// The laws that hold after every step, each looked at only where the step changed something. The
/// names follow Ongaro 2014, figure 3.2. Whoever breaks one gets a `violation`. Knows the truth
/// that no node knows: the committed log, the state at each index, who led in which term.
class checker {
public:
  /// A replica after a step, and the step before.
  struct moment {
    replica_id who;
    raft::role role{};
    grape::term term;
    log_index commit;
    log_index applied;
  };

  explicit checker(sometimes& counts)
    : counts_(&counts) {}

  /// What every initial replica starts with.
  void begin(const staged_snapshot& from);

  // The log.

  /// Log Matching, for the links from `first` on.
  void log_changed(replica_id who, const chain& log, log_index first);
  /// What was committed is never taken off a disk that knows of the term in which it was, or of a
  /// later one; a leader of an older term may still replace another disk's copy, which no majority
  /// counted. Takes and gives back the last index that must stay there. `knows` is durable, too.
  log_index disk_changed(replica_id who, const chain& disk, grape::term knows,
                         log_index kept) const;
  /// Election Safety and Leader Completeness; and no transfer outlives its term.
  void became_leader(const moment& now, replica_id transferee, const chain& log);
  /// Committed prefixes are equal; what a leader commits is on the disks of a quorum.
  using disk_of = std::function<const chain*(replica_id)>;
  void committed(const moment& now, const raft::configuration& members, const chain& log,
                 const disk_of& disks);
  /// A leader commits by counting only an entry of its own term (Raft 5.4.2, figure 8).
  static void counted(const moment& now, const chain& log);
  /// Nothing of a replica goes back.
  static void compare(const moment& before, const moment& now);
  /// At most one unapplied change in a leader's log.
  static void change_proposed(const moment& now, const chain& log, log_index at);

  // What leaves a replica.
  static void sent(const raft::message& what, const disk& from, const chain& log);

  // The state machine.

  /// State-Machine Safety; sessions apply once. `next` was just applied and `is` came of it.
  void applied(replica_id who, const machine& after, const raft::entry& next);
  void installed(replica_id who, const machine& data) const;
  void members_applied(replica_id who, log_index at, const raft::configuration& members) const;

  // The clients.

  /// This attempt was answered "surely not applied".
  void refused(std::uint64_t attempt);
  void answered(std::uint64_t session, std::uint64_t sequence, std::uint64_t result);
  /// A write up to this index was acknowledged, or a read saw it.
  void seen(log_index index) { seen_ = std::max(seen_, index); }
  /// What a read that begins now must see.
  log_index floor() const noexcept { return seen_; }
  static void read(replica_id who, log_index floor, log_index confirmed);

  log_index last_committed() const noexcept;
  std::uint64_t prefix_at(log_index index) const;
  const raft::configuration& members() const noexcept { return *members_.back().second; }
  /// As of an index, or of the last one that anybody has applied. Null before the first.
  std::shared_ptr<const raft::configuration> members_at(log_index index) const;

private:
  struct fact {
    grape::term term;
    std::uint64_t prefix = 0;
    grape::term committed_in; ///< Of the leader that knew it first.
  };

  const fact& committed_at(log_index index) const;
  void take_effect(const command& what, const effect& how);
  void change_members(const raft::configuration& before);

  sometimes* counts_;
  log_index base_;
  std::vector<fact> committed_; ///< From base_ on.
  machine truth_;
  std::vector<std::uint64_t> digests_; ///< Of the state at each index from base_ on.
  std::vector<std::pair<log_index, std::shared_ptr<const raft::configuration>>> members_;
  std::unordered_map<std::uint64_t, std::uint64_t> prefixes_; ///< By (term, index).
  std::unordered_map<std::uint64_t, replica_id> leaders_;     ///< By term.
  std::set<std::pair<std::uint64_t, std::uint64_t>> effects_; ///< (session, sequence).
  std::unordered_map<std::uint64_t, std::uint64_t> answers_;  ///< Results by both.
  std::set<std::uint64_t> refused_;
  log_index seen_;
};

/// True if every quorum of one configuration meets every quorum of the other.
bool quorums_meet(const raft::configuration& a, const raft::configuration& b);

/// True if `has` holds for a quorum of `members`.
bool is_quorum(const raft::configuration& members, const std::function<bool(replica_id)>& has);

} // namespace grape::simulation
