#pragma once

#include "config/node_config.hpp"
#include "core/outcome.hpp"
#include "core/shard/machine.hpp"
#include "core/storage/leveldb_store.hpp"
#include "core/storage/log_file.hpp"
#include "core/storage/point_store.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace grape::bench {

/// What a node does that is told nothing.
constexpr storage_settings node_defaults;

/// How a bed is made.
struct bed_options {
  std::string folder;
  storage::fsync_policy fsync = storage::fsync_policy::always;
  std::size_t cache_bytes = std::size_t{node_defaults.cache_mb} << 20;
};

/// What one replica keeps on disk, without actors and network: the log, and behind it the shard
/// machine over LevelDB. Synced and shortened as a replica does with the node's defaults.
class storage_bed {
public:
  /// Errors: those of log_file, open_leveldb and machine.
  static outcome<std::unique_ptr<storage_bed>> open(const bed_options& options);

  /// One batch of log entries: one append (and one sync, if the policy says so), then each entry
  /// is applied. What a replica does with writes that came in while the disk was busy.
  status write(std::span<const std::string> commands);

  /// Everything is synced and in its final files.
  status settle();

  /// The bytes of the store's files.
  std::uint64_t store_bytes() const { return store_->stats().bytes; }

  /// The points of a bed that was settled and closed.
  static outcome<std::unique_ptr<storage::point_store>> open_points(const std::string& folder,
                                                                    std::size_t cache_bytes);

private:
  storage_bed() = default;

  std::shared_ptr<storage::store> store_;
  std::unique_ptr<storage::log_file> log_;
  std::unique_ptr<shard::machine> machine_;
};

} // namespace grape::bench
