#pragma once

#include "core/raft/output.hpp"
#include "core/raft/stable_log.hpp"
#include "tests/simulation/chain.hpp"
#include "tests/simulation/chance.hpp"
#include "tests/simulation/machine.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace grape::simulation {

/// A snapshot that arrived completely and waits for the write that switches to it.
struct staged_snapshot {
  raft::snapshot_mark mark;
  machine data;
  std::uint64_t prefix = 0; ///< The chain's hash at the mark.
};

/// One replica's disk: the log, the hard state and the state machine. What is durable survives a
/// crash; of the writes on their way any number of whole ones may, and the next one may be torn.
class disk final : public raft::stable_log {
public:
  /// Begins as the snapshot says.
  explicit disk(const staged_snapshot& from);

  const raft::snapshot_mark& snapshot() const override { return mark_; }
  log_index last() const override;
  std::optional<grape::term> term_at(log_index index) const override;
  std::vector<raft::entry> entries(log_index first, log_index last,
                                   std::size_t bytes_max) const override;

  // The log. Only `complete_oldest` and a crash make anything durable.

  /// `installs` comes with a write that has a snapshot.
  void queue(raft::write what, std::optional<staged_snapshot> installs);
  std::size_t queued() const noexcept { return queue_.size(); }
  /// Makes the oldest write durable. True if it switched to a snapshot.
  bool complete_oldest();
  raft::write_token oldest() const { return queue_.front().what.token; }

  const raft::hard_state& state() const noexcept { return state_; }
  const chain& durable() const noexcept { return chain_; }

  // The state machine. It changes without being synced, all or nothing for each apply.

  void put_state(const machine& next) { unsynced_.push_back(next); }
  void sync_state();
  const machine& synced_state() const noexcept { return synced_; }
  const machine& current_state() const { return unsynced_.empty() ? synced_ : unsynced_.back(); }
  /// A start knows that everything up to here is committed.
  log_index settled() const noexcept { return std::max(state_.commit, synced_.applied); }
  std::shared_ptr<const raft::configuration> members_at(log_index index) const;
  void note_members(log_index from, std::shared_ptr<const raft::configuration> members);

  /// Drops the log up to `through`, which the synced state covers.
  void compact(log_index through);

  struct crash_report {
    bool lost_vote = false;
    bool lost_entries = false;
    bool kept_entries = false; ///< Of which the peer was never told.
    bool lost_snapshot = false;
    bool torn = false;
    bool state_fell_back = false;
  };
  /// What a loss of power leaves, as a start finds it.
  crash_report crash(chance& luck, bool may_tear, bool may_lose_state);

private:
  struct pending {
    raft::write what;
    std::optional<staged_snapshot> installs;
    bool checksum_holds = true; ///< Of its records, as they stand on the disk.
  };

  void settle(pending done);
  void install(const staged_snapshot& from);
  void tear(pending& half_written) const;
  void report_losses(crash_report& to) const;

  raft::snapshot_mark mark_;
  std::vector<raft::entry> entries_; ///< From mark_.index + 1 on.
  chain chain_;
  raft::hard_state state_;
  std::deque<pending> queue_;
  machine synced_;
  std::vector<machine> unsynced_; ///< Each apply since the last sync.
  std::vector<std::pair<log_index, std::shared_ptr<const raft::configuration>>> members_;
};

} // namespace grape::simulation
