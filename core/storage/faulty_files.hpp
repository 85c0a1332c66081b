#pragma once

#include "core/storage/file_system.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace grape::storage {

/// What a power cut leaves of bytes that were appended but not synced.
enum class torn_tail : std::uint8_t {
  prefix, ///< A random prefix of each file's unsynced bytes.
  holes,  ///< A random length, of which random 512-byte sectors read as zeros.
  nothing ///< All unsynced bytes and names are gone.
};

/// What an operation does to the disk, for hooks and counted faults; `begin_writing` is for hooks
/// only, for it does nothing here.
enum class file_operation : std::uint8_t { append, sync, sync_directory, rename, remove, truncate,
                                           create, read, begin_writing };

/// A file system in memory that fails as disks do, by seed. Thread-safe.
///
/// Bytes survive a power cut once their file was synced. Names (creations, renames, removals)
/// survive once their directory was synced; of those not yet synced a random prefix, in the order
/// they were made, survives; of a renamed directory all or nothing, once the one above was synced.
/// Directories themselves and truncations are durable at once. A file
/// that is removed or replaced stays readable through handles opened before. It never maps.
class faulty_files final : public file_system {
public:
  explicit faulty_files(std::uint64_t seed);
  ~faulty_files() override;

  outcome<std::unique_ptr<append_file>> open_append(const std::string& path) override;
  outcome<std::unique_ptr<random_file>> open_random(const std::string& path) override;
  status rename(const std::string& from, const std::string& to) override;
  status remove(const std::string& path) override;
  status truncate(const std::string& path, std::uint64_t size) override;
  outcome<std::vector<std::string>> list(const std::string& directory) override;
  outcome<std::uint64_t> size(const std::string& path) override;
  bool exists(const std::string& path) override;
  status create_directories(const std::string& directory) override;
  status remove_all(const std::string& directory) override;
  outcome<disk_space> space(const std::string& directory) override;
  status sync_directory(const std::string& directory) override;

  /// Forgets what was not durable and ends every fault asked for below. Handles opened before
  /// answer io_error from now on, as those of a process that died.
  void power_cut(torn_tail left = torn_tail::prefix);

  /// The next `changes` operations that change the disk (all but reads) succeed; then the power
  /// is off: everything answers io_error and does nothing until `power_cut`. Of the append at
  /// which it went off a random part counts as written, unsynced.
  void power_off_after(std::uint64_t changes);

  /// Makes the `nth` next operation of a kind (1 = the very next) fail with `with`, once. A failed
  /// append leaves a random part of its bytes; a failed sync loses them for ever: they read back
  /// until the next power cut, and no later sync makes them durable.
  void fail(file_operation what, std::uint64_t nth, errc with);

  /// Bytes that all files together may have, from now on; beyond them appends answer no_space.
  /// Without a limit `space` knows nothing.
  void limit_bytes(std::uint64_t most);

  /// XORs one stored byte, durably. False if the file has no such byte.
  bool flip_byte(const std::string& path, std::uint64_t offset, std::uint8_t mask = 0xff);

  /// Called before every operation, without a lock held, on the thread that does it: a slow disk
  /// blocks here. Set it before others use the file system.
  void on_operation(std::function<void(file_operation, const std::string& path)> hook);

  /// How many operations changed the disk so far; the range for `power_off_after`.
  std::uint64_t changes() const;

  class disk; ///< Of this room only: faulty_disk.hpp.

private:
  std::shared_ptr<disk> disk_; ///< Shared with the handles.
};

} // namespace grape::storage
