#pragma once

#include "core/outcome.hpp"
#include "core/storage/file_system.hpp"
#include "core/storage/store.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace grape::storage {

/// Blocks read from disk, least recently used first out; one for all stores of a node.
/// Thread-safe.
class block_cache {
public:
  explicit block_cache(std::size_t bytes_max);
  ~block_cache();

  block_cache(const block_cache&) = delete;
  block_cache& operator=(const block_cache&) = delete;

  std::uint64_t hits() const noexcept;
  std::uint64_t misses() const noexcept;
  std::uint64_t bytes() const noexcept;

private:
  friend class leveldb_store;
  struct state;
  std::unique_ptr<state> state_;
};

/// How a LevelDB store is opened.
struct leveldb_options {
  std::shared_ptr<background_lane> lane;  ///< Required: runs the compactions.
  std::shared_ptr<block_cache> cache;     ///< None: a small one of its own.
  std::size_t write_buffer_bytes = 8 << 20; ///< Changes kept in memory before a file is written.
};

/// How much each of so many stores of a node may keep in memory of its changes: `least_bytes`, and
/// four times that if there are few. What is kept longer is written, and merged, less often.
std::size_t write_buffer_for(std::size_t least_bytes, std::size_t stores) noexcept;

/// Opens the LevelDB in `directory`, creating it if there is none. The store, its snapshots and its
/// cursors keep the files open; the last of them closes them. `files` must outlive them all.
/// Errors: corrupted (damage, named as far as LevelDB knows it), io_error, no_space, unavailable
/// (already open in this process). Nothing is repaired: that decision is the caller's.
outcome<std::shared_ptr<store>> open_leveldb(file_system& files, const std::string& directory,
                                             leveldb_options options);

/// Whether the disk below an existing folder seems to have so much room. True if nobody knows.
bool has_room(file_system& files, const std::string& directory, std::uint64_t bytes);

/// Whether the disk seems to have room for what opening the store in `directory` writes: tables, of
/// what its own logs hold. True if nobody knows.
bool has_room_to_open(file_system& files, const std::string& directory);

} // namespace grape::storage
