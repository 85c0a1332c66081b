#pragma once

#include "core/storage/log_file.hpp"
#include "core/storage/log_format.hpp"
#include "core/storage/log_groups.hpp"
#include "core/storage/log_segments.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace grape::storage {

/// Of this room only: what `log_file` is made of. Writing and reading stand in log_file.cpp,
/// giving space back in log_reclaim.cpp.
class log_file::state {
public:
  state(file_system& files, std::string directory, log_options options)
    : options_(options)
    , segments_(files, std::move(directory)) {
  }

  status open();
  status append(std::span<const log_record> batch);
  status sync();
  outcome<std::vector<log_record>> read(group_id group, log_index from,
                                        std::size_t bytes_max) const;
  status release(group_id group, log_index through);
  status forget(group_id group);

  const log_recovery& recovery() const noexcept { return recovery_; }
  const log_groups& groups() const noexcept { return groups_; }
  std::uint64_t bytes() const noexcept { return segments_.bytes(); }

private:
  /// An entry whose place is to become an offset of the batch being built.
  using move = std::pair<record_place*, std::size_t>;

  status scan(log_gatherer& gatherer, std::uint64_t number, log_format::segment_end& end);
  void note_tail(const log_format::segment_end& end, std::uint64_t bytes);

  /// Appends a batch, beginning a new segment if it must. `offset` becomes where it lies.
  status write(log_format::batch_builder& batch, bool synced, std::uint64_t& offset);

  status write_marker(const log_format::stored_record& marker);
  status sync_written();

  /// Removes the oldest segments while little in them is live.
  status reclaim();
  std::uint64_t live_bytes(std::uint64_t segment) const;
  status move_stragglers(std::uint64_t from);
  status move_markers(std::uint64_t from);
  status move_batch(log_format::batch_builder& batch, std::vector<move>& moves);

  /// Closes the log for writing and passes the reason on.
  status stop(status why);

  /// Ok while the log may be written.
  status closed() const;

  std::uint64_t last_of(group_id group) const noexcept;
  outcome<log_record> read_entry(std::uint32_t group, std::uint64_t index,
                                 const record_place& at) const;

  log_options options_;
  log_recovery recovery_;
  log_groups groups_;
  log_segments segments_;
  std::uint64_t last_batch_ = 0;
  std::uint64_t synced_batch_ = 0; ///< Every batch up to it is durable.
  status stopped_;                 ///< The error that closed the log for writing.
};

} // namespace grape::storage
