#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>

namespace grape::shard {

/// What may wait in one replica before it is applied. Beyond it writes are refused.
struct pipeline_limits {
  std::size_t bytes_max = 64u << 20;
  std::size_t entries_max = 4'096;
  std::size_t entry_bytes_max = 32u << 20; ///< What the log takes in one record.
};

/// When a store is synced, so that the log can be released.
struct sync_limits {
  std::uint64_t bytes_max = 64u << 20;
  std::uint64_t interval_ms = 30'000;
};

/// The way of a replica's writes: proposed, durable in the log, applied; each in order. Decides
/// what is let in. Knows no log and no store; whoever hosts it reports what happened.
class write_pipeline {
public:
  /// `last`: the end of the log. `applied` <= `last`. `schema`: what the log's end says.
  write_pipeline(log_index last, log_index applied, schema_version schema, pipeline_limits limits);

  /// The index for a batch of points, which now waits. Errors: stale_route (another schema is in
  /// the log already), too_large, overloaded (too much waits); all mean surely not applied.
  outcome<log_index> propose_points(schema_version validated_against, std::size_t bytes);

  /// The index for a change of schema; 0 if the log says so already. Never overloaded: what is
  /// committed in the control plane must arrive.
  log_index propose_schema(schema_version next, std::size_t bytes);

  /// The log refused this entry, and with it all later ones: surely not logged. Needs
  /// durable_through() < from <= last().
  void withdraw(log_index from);

  /// Everything through this index is on disk.
  void durable(log_index through);

  /// Everything through this index is in the store and visible.
  void applied(log_index through);

  log_index last() const noexcept { return last_; }
  log_index durable_through() const noexcept { return durable_; }
  log_index applied_through() const noexcept { return applied_; }
  schema_version schema() const noexcept { return schema_; }

  std::size_t bytes_waiting() const noexcept { return bytes_waiting_; }
  std::size_t entries_waiting() const noexcept { return waiting_.size(); }

private:
  struct entry {
    std::size_t bytes = 0;
    schema_version before; ///< What the log's end said before it.
  };

  log_index let_in(std::size_t bytes, schema_version before);

  pipeline_limits limits_;
  log_index last_;
  log_index durable_;
  log_index applied_;
  schema_version schema_;
  std::deque<entry> waiting_; // Of applied_ + 1 .. last_.
  std::size_t bytes_waiting_ = 0;
};

/// Whether a log that answers this to an entry has not taken it, nor any sent after it.
bool surely_not_logged(errc answer) noexcept;

/// Is it time to sync a store? `since_ms`: how long ago it was synced last.
bool sync_due(std::uint64_t bytes_unsynced, bool anything_unsynced, std::uint64_t since_ms,
              const sync_limits& limits) noexcept;

} // namespace grape::shard
