#pragma once

#include "core/storage/file_system.hpp"
#include "core/storage/log_format.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace grape::storage {

/// The files of the ordered log: which segments there are, appending to the newest, reading any.
/// Knows nothing of records. One thread at a time where nothing else is said.
///
/// After no_space from `roll` or `drop_oldest` all is as before; after no_space from `append` it is
/// after `cut_back`. After any other error of a change, stop. A failed sync is never no_space.
class log_segments {
public:
  /// `files` must outlive it.
  log_segments(file_system& files, std::string directory);

  /// Finds the segments, or creates the first. Removes what an interrupted change left behind.
  /// Refuses missing, surplus and cut segments as corrupted.
  status open();

  std::uint64_t oldest() const noexcept { return manifest_.oldest; }
  std::uint64_t newest() const noexcept { return manifest_.newest(); }

  /// The whole of a segment.
  outcome<std::string> content(std::uint64_t number) const;

  /// Once, after open: cuts the newest segment to `good_bytes`, makes the rest durable and
  /// gets ready to append.
  status begin(std::uint64_t good_bytes);

  status append(std::string_view bytes);
  status sync();

  /// Whether the newest segment has no zeros behind its end that appends could take the place of.
  bool ends_bare() const noexcept { return tail_->size() >= zeros_through_; }

  /// Puts so many there; durable with the next sync. Without room there are fewer, or none.
  status add_zeros(std::uint64_t count);

  /// Cuts the newest segment to `size` bytes after a failed append; what is left is durable.
  status cut_back(std::uint64_t size);

  /// Begins a new newest segment. The one before must have been synced; its zeros go.
  status roll();

  /// Removes the oldest segment, which must not be the newest.
  status drop_oldest();

  /// A file to read one segment from, good even when the segment is removed meanwhile. From any
  /// thread.
  outcome<std::shared_ptr<const random_file>> reader(std::uint64_t number) const;

  /// Bytes of one segment at an offset; corrupted if there are not so many. From any thread.
  outcome<std::string> read(const random_file& file, std::uint64_t number, std::uint64_t offset,
                            std::size_t count) const;

  /// Size of one segment, and of all.
  std::uint64_t size(std::uint64_t number) const noexcept;
  std::uint64_t bytes() const noexcept;

  std::string path(std::uint64_t number) const;

  /// Of the disk below.
  outcome<disk_space> space() const { return files_.space(directory_); }

private:
  outcome<std::unique_ptr<append_file>> create_segment(std::uint64_t number);
  status store_manifest(const log_format::manifest& next);
  status start_afresh(bool has_first);
  status load_manifest();
  status check_files();
  status remove_leftover(std::uint64_t number);
  status cut_zeros();

  file_system& files_;
  std::string directory_;
  log_format::manifest manifest_;
  std::unique_ptr<append_file> tail_;
  std::uint64_t zeros_through_ = 0; ///< Where the zeros of `tail_` end, if that is behind its end.
  mutable std::mutex readers_lock_;
  mutable std::map<std::uint64_t, std::shared_ptr<const random_file>> readers_;
};

} // namespace grape::storage
