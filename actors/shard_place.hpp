#pragma once

#include "actors/group_place.hpp"
#include "actors/house.hpp"
#include "core/ids.hpp"
#include "core/request/collection.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace grape::actors {

/// Which shard a family of actors serves, and where. Constant for the family's life.
struct shard_place {
  group_id group;
  shard_id shard;
  /// "words/0", for people: as it was called when the family began.
  std::string name;
  std::string directory;    ///< Absolute, or relative to the process.
  collection_schema schema; ///< For a shard that begins empty.

  /// The replica's place in its group; null: this node is alone, and the log has one member.
  std::shared_ptr<const group_place> member;
};

/// One shard's place on this node, which is alone or has a replica of it.
std::shared_ptr<const shard_place> place_of(const house& home, const std::string& collection,
                                            const cluster::collection_entry& entry,
                                            shard_id shard);

/// The same under another name for people.
std::shared_ptr<const shard_place> renamed(const shard_place& from, const std::string& name);

/// How long STORAGE may take to open, and REPLICA to replay one part.
inline constexpr std::chrono::minutes open_timeout{30};

/// How long one answer of LOG_WRITER or one job of a STORE_WORKER may take.
inline constexpr std::chrono::minutes disk_timeout{2};

/// The largest part of the log that is replayed in one job.
inline constexpr std::size_t replay_bytes = 8u << 20;

} // namespace grape::actors
