#pragma once

#include "core/raft/output.hpp"
#include "core/raft/stable_log.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace grape::raft_drive {

/// What one node has on its disk: the log, the hard state, and the state machine's marker.
class memory_log final : public raft::stable_log {
public:
  memory_log() = default;
  memory_log(raft::snapshot_mark snapshot, std::vector<raft::entry> entries);

  const raft::snapshot_mark& snapshot() const override { return snapshot_; }
  log_index last() const override;
  std::optional<grape::term> term_at(log_index index) const override;
  std::vector<raft::entry> entries(log_index first, log_index last,
                                   std::size_t bytes_max) const override;

  /// All of a write; a snapshot in it is the state machine's new state as well.
  void complete(const raft::write& done);

  void compact(log_index through, const raft::configuration& members); ///< Both ends inside.

  raft::hard_state state;
  log_index applied;
  raft::configuration members; ///< As of `applied`.

private:
  void restart_behind(const raft::snapshot_mark& mark);

  raft::snapshot_mark snapshot_;
  std::vector<raft::entry> entries_; ///< From snapshot_.index + 1.
};

} // namespace grape::raft_drive
