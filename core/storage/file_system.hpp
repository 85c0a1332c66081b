#pragma once

#include "core/outcome.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace grape::storage {

/// A file that only grows. Not thread-safe.
class append_file {
public:
  virtual ~append_file() = default;

  /// Adds bytes at the end. After an error the file's end is unknown: do not append again.
  virtual status append(std::string_view bytes) = 0;

  /// Writes so many zeros behind the end, which stays where it is: what is appended next takes
  /// their place, and a sync of that is cheaper, for the file does not grow. Whoever reads the
  /// file finds them. After no_space some may be there, and appending goes on.
  virtual status add_zeros(std::uint64_t count) = 0;

  /// The disk may begin to write what was appended, so that a later sync, also of another file,
  /// finds little left to wait for. Promises nothing.
  virtual void begin_writing() {}

  /// Returns once everything appended so far survives a power cut (fdatasync).
  virtual status sync() = 0;

  /// Bytes appended so far, counting what was there at open, zeros of an earlier handle included.
  virtual std::uint64_t size() const noexcept = 0;
};

/// A file that is read at any offset. Thread-safe.
class random_file {
public:
  virtual ~random_file() = default;

  /// Bytes it had when it was opened.
  virtual std::uint64_t size() const noexcept = 0;

  /// Reads up to `count` bytes into `to`; fewer only at the end of the file. Returns how many.
  virtual outcome<std::size_t> read(std::uint64_t offset, std::size_t count, char* to) const = 0;

  /// The whole file mapped into memory, read-only, valid while this object lives; empty where the
  /// file system cannot map (then `read` it).
  virtual std::string_view map() const = 0;

  /// From now on the mapped bytes are read here and there: whoever touches a page that is not in
  /// memory gets that page, not the megabytes around it. Only advice.
  virtual void expect_scattered_reads() const {}

  /// Reads all of it from the disk, so that the system has it in memory, mapped or not, until it
  /// takes the room back.
  virtual status read_in() const;
};

/// How much room a disk has.
struct disk_space {
  std::uint64_t total_bytes = 0; ///< 0 = unknown.
  std::uint64_t free_bytes = 0;  ///< For files of this process.
};

/// The only door to files, so that tests can forget what was not synced, cut tails, flip bytes
/// and fail. Thread-safe. Errors: not_found, no_space, io_error; the detail names the path.
class file_system {
public:
  virtual ~file_system() = default;

  /// Opens for appending; creates the file if `path` does not exist.
  virtual outcome<std::unique_ptr<append_file>> open_append(const std::string& path) = 0;

  virtual outcome<std::unique_ptr<random_file>> open_random(const std::string& path) = 0;

  /// Replaces `to` if it exists; a folder replaces nothing. Durable after `sync_directory` of its
  /// folder.
  virtual status rename(const std::string& from, const std::string& to) = 0;

  virtual status remove(const std::string& path) = 0;

  /// Shows a file that is never changed again under a second name, which must not exist; each of
  /// the two can be removed. Copied where the file system has no such thing. Durable after
  /// `sync_directory` of the new name's folder, if `from` was.
  virtual status link(const std::string& from, const std::string& to);

  /// Cuts the file to `size` bytes; durable on return.
  virtual status truncate(const std::string& path, std::uint64_t size) = 0;

  /// Names (not paths) of what lies in a folder, ascending.
  virtual outcome<std::vector<std::string>> list(const std::string& directory) = 0;

  virtual outcome<std::uint64_t> size(const std::string& path) = 0;

  virtual bool exists(const std::string& path) = 0;

  /// Creates the folder and those above it; fine if it exists. Durable on return.
  virtual status create_directories(const std::string& directory) = 0;

  /// Removes a folder with everything in it; fine if it does not exist.
  virtual status remove_all(const std::string& directory) = 0;

  /// Of the disk on which an existing folder lies.
  virtual outcome<disk_space> space(const std::string& directory) = 0;

  /// Makes creations, renames and removals in the folder durable.
  virtual status sync_directory(const std::string& directory) = 0;
};

/// The first `bytes_max` bytes of a file, or all of them if it has fewer.
outcome<std::string> read_file(file_system& files, const std::string& path,
                               std::uint64_t bytes_max = UINT64_MAX);

/// Writes the bytes that `from` has now under `to`, which must not exist, and syncs them.
status copy_file(file_system& files, const std::string& from, const std::string& to);

/// Bytes of all files in a folder and the folders below; 0 if there is none.
std::uint64_t bytes_below(file_system& files, const std::string& directory);

/// The real one (POSIX). Lives as long as the process.
file_system& posix_file_system();

} // namespace grape::storage
