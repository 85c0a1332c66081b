#pragma once

#include "core/storage/log_file.hpp"
#include "core/storage/log_format.hpp"
#include "core/storage/log_groups.hpp"
#include "core/storage/log_plan.hpp"
#include "core/storage/log_segments.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace grape::storage {

/// Of this room only: what `log_file` is made of. Opening and writing stand in log_file.cpp,
/// what peers ask for in log_peers.cpp, giving space back in log_reclaim.cpp.
class log_file::state {
public:
  state(file_system& files, std::string directory, log_options options)
    : options_(options)
    , segments_(files, std::move(directory)) {
  }

  status open();
  status append(std::span<const log_record> batch);
  status write_all(std::span<const group_write> batch);
  status compact(group_id group, const log_base& to);
  status sync();
  outcome<std::vector<log_record>> read(group_id group, log_index from,
                                        std::size_t bytes_max) const;
  status release(std::span<const release_mark> marks);
  status forget(group_id group);

  const log_recovery& recovery() const noexcept { return recovery_; }

  /// What `ask` answers about a group as it is now; about an empty one if it is unknown.
  template <class Ask>
  auto about(group_id group, Ask ask) const {
    static const log_group unknown;
    const std::lock_guard guard{lock_};
    const auto found = groups_.find(group.value);
    return ask(found == groups_.end() ? unknown : found->second);
  }

  std::vector<group_id> groups() const;
  std::uint64_t bytes() const noexcept { return segments_.bytes(); }

private:
  /// An entry whose place is to become an offset of the batch being built.
  using move = std::pair<record_place*, std::size_t>;

  status scan(log_gatherer& gatherer, std::uint64_t number, log_format::segment_end& end);
  void note_tail(const log_format::segment_end& end, std::uint64_t bytes);

  /// Appends a batch, beginning a new segment if it must. `offset` becomes where it lies.
  status write(log_format::batch_builder& batch, bool synced, std::uint64_t& offset);

  /// After a batch of so many bytes, before its sync: zeros for the next ones, if that helps.
  status look_ahead(std::uint64_t batch_bytes);

  /// Writes what a plan holds and does in the index what it says.
  status carry_out(batch_plan& plan, bool synced);
  status write_marker(const log_format::stored_record& marker);
  status sync_written();

  /// Ok if entries of so many bytes leave the reserve alone, also after what nobody needs was given
  /// back, the newest segment included.
  status find_room(std::uint64_t bytes);
  status room_for(std::uint64_t bytes) const;

  /// Undoes an append at `offset` of the newest segment that found no room, and passes that on.
  status take_back(std::uint64_t offset, status why);

  /// Removes the oldest segments while little in them is live, or while little in the whole log is:
  /// a group that lags must not hold what the others are done with.
  status reclaim();
  status drop_oldest();
  std::map<std::uint64_t, std::uint64_t> live_bytes() const; ///< By segment.
  status move_stragglers(std::uint64_t from);
  status move_markers(std::uint64_t from);
  status move_batch(log_format::batch_builder& batch, std::vector<move>& moves);

  /// Whether a payload may be written after `before` bytes of its batch, to which it is added.
  status check_size(std::size_t payload_bytes, std::uint64_t& before) const;

  /// Passes the reason on; closes the log for writing unless the change was not begun for want of
  /// room.
  status failed(status why);

  /// Closes the log for writing and passes the reason on.
  status stop(status why);

  /// Ok while the log may be written.
  status closed() const;

  outcome<log_record> read_entry(std::uint32_t group, std::uint64_t index,
                                 const record_place& at, const random_file& file) const;

  log_options options_;
  log_recovery recovery_;

  /// Held by whoever reads the index on another thread, and while the writing one changes it.
  mutable std::mutex lock_;
  log_groups groups_;
  log_segments segments_;
  std::uint64_t last_batch_ = 0;
  std::uint64_t synced_batch_ = 0; ///< Every batch up to it is durable.
  bool released_ = false;          ///< Something was, since room was last looked for in vain.
  status stopped_;                 ///< The error that closed the log for writing.
};

} // namespace grape::storage
