#pragma once

#include "core/raft/message.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace grape::raft {

/// The durable part of one group's log. The host writes it, as `output::to_write` says, before it
/// tells the peer so; the peer only reads. Errors of the disk are the host's: it fails the peer
/// (peer::fail) and answers with nothing.
class stable_log {
public:
  virtual ~stable_log() = default;

  /// What the log begins after; index 0 and term 0 for a log that begins at 1.
  virtual const snapshot_mark& snapshot() const = 0;

  /// The last entry's index; the snapshot's if there is none.
  virtual log_index last() const = 0;

  /// Of the snapshot's index and of every entry; nothing outside of these.
  virtual std::optional<grape::term> term_at(log_index index) const = 0;

  /// Entries first..last in order, as many as fit into `bytes_max`, at least one.
  virtual std::vector<entry> entries(log_index first, log_index last,
                                     std::size_t bytes_max) const = 0;
};

} // namespace grape::raft
