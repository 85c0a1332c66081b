#pragma once

#include "core/archive/archive.hpp"
#include "core/request/upkeep.hpp"
#include "core/storage/file_system.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Copies of the stores of a node's replicas, on the disk of that node: made in a moment, for what
/// does not change is shared. A folder each, which holds a folder with a store for each replica,
/// and, once all of it is there, a record.
namespace grape::archive {

/// One replica's copy.
struct checkpoint_shard {
  std::string collection;
  shard_id shard;
  group_id group;
  log_index applied;
  std::uint64_t points = 0;

  friend bool operator==(const checkpoint_shard&, const checkpoint_shard&) = default;
};

struct checkpoint_record {
  std::uint64_t created_unix_s = 0;
  std::vector<collection_head> collections; ///< Ascending by name.
  std::vector<checkpoint_shard> shards;     ///< Ascending by collection, then by shard.

  friend bool operator==(const checkpoint_record&, const checkpoint_record&) = default;
};

/// 1 to 100 letters, digits, '_', '-' and '.', the first no '.'.
bool is_checkpoint_name(std::string_view name) noexcept;

/// "checkpoint-2026-11-29-03-05-07-042".
std::string checkpoint_name(std::uint64_t unix_ms);

/// The folder of one replica's copy in the folder of its checkpoint.
std::string checkpoint_store(const std::string& folder, group_id group);

/// The record comes last: a folder without one is no checkpoint. Durable on return.
status write_record(storage::file_system& files, const std::string& folder,
                    const checkpoint_record& of);

/// Errors: not_found (no checkpoint), corrupted, wrong_version, io_error.
outcome<checkpoint_record> read_record(storage::file_system& files, const std::string& folder);

/// As bytes: a version byte and a MessagePack record.
std::string encode(const checkpoint_record& of);
outcome<checkpoint_record> decode_checkpoint_record(std::string_view bytes);

/// Where a shard of a checkpoint is read from: of the nodes that have it the one whose copy is the
/// newest.
struct checkpoint_part {
  std::uint32_t shard = 0;
  node_number node;

  friend bool operator==(const checkpoint_part&, const checkpoint_part&) = default;
};

/// A collection as it is to be put together.
struct checkpoint_plan {
  collection_head head;
  std::vector<checkpoint_part> parts; ///< All its shards, in order.
};

/// How to put together what nodes have of a checkpoint: one collection, or all (empty). Errors:
/// not_found (no such checkpoint or collection), unavailable (a shard that no node that answered
/// has), corrupted.
outcome<std::vector<checkpoint_plan>> plan_restore(const storage_report& lists,
                                                   const std::string& checkpoint,
                                                   const std::string& collection);

} // namespace grape::archive
