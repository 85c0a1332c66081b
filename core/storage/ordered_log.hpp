#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/raft/output.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace grape::storage {

/// When an append is on disk: before it returns, when `sync` is called, or when the kernel likes.
enum class fsync_policy : std::uint8_t { always, interval, never };

/// One entry of one group's log.
struct log_record {
  group_id group;
  log_index index;
  grape::term term;
  std::string payload;
  raft::entry_kind kind = raft::entry_kind::normal;

  friend bool operator==(const log_record&, const log_record&) = default;
};

/// What the peer of one group wants durable.
struct group_write {
  group_id group;
  raft::write what;
  std::string staged; ///< With a snapshot: the folder of what was received; empty = in its place.
};

/// Nothing of a group at or below `through` is needed any more: the effects are durable elsewhere.
struct release_mark {
  group_id group;
  log_index through;
};

struct log_options {
  std::uint64_t segment_bytes = 64u << 20; ///< A new segment begins beyond this; 1 KiB or more.
  fsync_policy fsync = fsync_policy::always;
  std::uint64_t record_bytes_max = 32u << 20; ///< Larger payloads are refused as too_large.
  /// So many zeros are written ahead of small batches, whose syncs are cheaper then; 0 = none.
  std::uint64_t ahead_bytes = 0;
  /// Entries leave so much of the disk free, or a twentieth of it if that is less: for hard states
  /// and marks, and for the stores to apply what is in the log.
  std::uint64_t reserve_bytes_max = 256u << 20;
};

/// What a group's log begins after.
struct log_base {
  raft::snapshot_mark mark;
  std::string staged; ///< The folder of a received snapshot that is not yet in its place.

  friend bool operator==(const log_base&, const log_base&) = default;
};

/// What opening had to give up: the torn tail of the newest segment, never anything else.
struct log_recovery {
  /// One sentence each, naming file, counts and groups; empty = clean.
  std::vector<std::string> notes;
  std::uint64_t records_lost = 0; ///< Records cut off; none of them had been synced.
  std::map<group_id, std::uint64_t> lost; ///< Of these, by group, what the tail still showed.
};

/// The entries a group still has. Empty: last is first - 1; the next append is last + 1.
struct log_range {
  log_index first{1};
  log_index last{0};

  bool empty() const noexcept { return last < first; }

  friend bool operator==(const log_range&, const log_range&) = default;
};

/// The ordered logs of all groups of a node, written together. What changes it comes from one
/// thread at a time (LOG_WRITER owns it); the questions about one group, which are const, may come
/// from any thread meanwhile.
///
/// Two errors of a change leave the log as it was, and open: too_large, and no_space, which names
/// the file and passes when there is room again. Any other closes it for writing for good (after a
/// failed fsync nothing on disk can be trusted): later calls answer `closed`.
class ordered_log {
public:
  virtual ~ordered_log() = default;

  virtual const log_recovery& recovery() const noexcept = 0;

  /// Groups that have anything, ascending.
  virtual std::vector<group_id> groups() const = 0;

  /// An unknown group has the empty range that begins at 1.
  virtual log_range range(group_id group) const = 0;

  /// Adds records of any mix of groups; per group the indexes go on from range().last. With
  /// fsync_policy::always all of it is durable on return (one sync for the batch); otherwise
  /// after the next `sync`. too_large, no_space (also while only the reserve is left).
  virtual status append(std::span<const log_record> batch) = 0;

  /// Makes writes of any mix of groups durable, whatever the policy: one sync for all of them, and
  /// each of them whole or not at all after a crash. Several of one group take effect in order.
  /// Checked: entries go on from, or replace, what the group has above its base, and nothing at or
  /// below the commit. too_large; no_space: as for `append` if there are entries; hard states alone
  /// may use the reserve. If room ends after a part of a batch of several writes, the log closes.
  virtual status write(std::span<const group_write> batch) = 0;

  /// What the group's last write said; all zeros if there was none.
  virtual raft::hard_state hard_state(group_id group) const = 0;

  /// What the group begins after; null stands for the beginning of a group without members.
  virtual std::shared_ptr<const log_base> base(group_id group) const = 0;

  /// Of the base and of every entry, from memory; nothing outside of these.
  virtual std::optional<term> term_at(group_id group, log_index index) const = 0;

  /// Replaces the base by one at or above it that the log still reaches: drops the entries up to
  /// it (the effects of those are durable elsewhere), or says that a staged folder is in
  /// its place. Survives a crash once anything later is synced. Frees space where it can. no_space.
  virtual status compact(group_id group, const log_base& to) = 0;

  /// Makes everything appended so far durable, whatever the policy.
  virtual status sync() = 0;

  /// Records from `from` on, in order: as many as fit into `bytes_max` of payload, but at least
  /// one if there is one. Empty beyond the end. Errors: not_found (released), corrupted, io_error.
  virtual outcome<std::vector<log_record>> read(group_id group, log_index from,
                                                std::size_t bytes_max) const = 0;

  /// Lets go of what nobody needs, durably: one sync for all marks. Frees space where it can, so
  /// that the whole log stays below thrice what its groups have, and some segments. A mark beyond
  /// the end restarts its group after it (a snapshot was installed). no_space.
  virtual status release(std::span<const release_mark> marks) = 0;

  status release(group_id group, log_index through) {
    const release_mark one{group, through};
    return release({&one, 1});
  }

  /// Removes a group with everything it has: its shard was dropped. It may begin again at 1.
  /// no_space.
  virtual status forget(group_id group) = 0;

  /// Size of all segments on disk.
  virtual std::uint64_t bytes() const noexcept = 0;
};

} // namespace grape::storage
