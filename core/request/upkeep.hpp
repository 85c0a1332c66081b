#pragma once

#include "core/ids.hpp"
#include "core/request/quota.hpp"
#include "core/status.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace grape {

/// What is done with what lies on the disks. Numbers are on the wire: append, never renumber.
enum class storage_verb : std::uint8_t {
  size = 1,       ///< Tells bytes by kind.
  flush = 2,      ///< What is applied survives a power cut without the log.
  sync = 3,       ///< What is in the log survives a power cut.
  compact = 4,    ///< Rewrites stores and segments without what is deleted.
  warm = 5,       ///< Reads in what is mapped of segment files.
  digest = 6,     ///< Adds up the content of every replica.
  checkpoint = 7, ///< Makes a copy of every replica, beside it.
  list_checkpoints = 8,
  delete_checkpoint = 9,
  read_checkpoint = 10, ///< A piece of one shard of a checkpoint.
  usage = 11,           ///< Tells what of its machine the node uses. About no shard.
};

/// "size", "flush", ..., "list_checkpoints", ...
std::string_view to_string(storage_verb verb) noexcept;

/// One verb, for all nodes and replicas that it concerns.
struct storage_request {
  storage_verb verb = storage_verb::size;
  std::string collection; ///< Or an alias; empty = all, and what belongs to none.
  std::string checkpoint; ///< Of the verbs that name one; empty with `checkpoint`: one is made up.
  std::uint32_t timeout_ms = 60'000; ///< 1 or more. What is not done by then goes on all the same.

  // With `read_checkpoint`:
  std::optional<node_number> node; ///< Only this one; none = all.
  std::uint32_t shard = 0;
  std::string cursor; ///< As the last piece said; empty = from the beginning.

  friend bool operator==(const storage_request&, const storage_request&) = default;
};

/// One replica, or its copy in a checkpoint. Bytes are of its node's disk or memory.
struct shard_upkeep {
  std::string collection;
  std::uint32_t shard = 0;
  status result;             ///< Not ok: the verb was not done here.
  std::uint64_t applied = 0; ///< Log index of the state that is told of.
  std::uint64_t durable = 0; ///< flush: log index up to which the disk has it.
  std::uint64_t points = 0;
  std::string digest;              ///< digest: 32 hexadecimal digits; else empty.
  std::uint64_t store_bytes = 0;   ///< Files of the point store; payloads and vectors are in it.
  std::uint64_t segment_bytes = 0; ///< Files of the vector indexes.
  std::uint64_t payload_bytes = 0; ///< Of the store's files, roughly.
  std::uint64_t vector_bytes = 0;  ///< As stored, all fields.
  std::uint64_t code_bytes = 0;    ///< Codes of quantized or coded vectors in the indexes.
  std::uint64_t memory_bytes = 0;  ///< Indexes and tables in memory,
  std::uint64_t mapped_bytes = 0;  ///< of these mapped pages of segment files.
  std::uint64_t bytes = 0; ///< What the verb did: read in (warm), given back (compact), copied or
                           ///< shared (checkpoint).

  friend bool operator==(const shard_upkeep&, const shard_upkeep&) = default;
};

/// A checkpoint as one node has it.
struct checkpoint_description {
  std::string name;
  std::uint64_t created_unix_s = 0;
  std::uint64_t bytes = 0;              ///< Of its files; most of them may be the store's as well.
  std::vector<std::string> collections; ///< How to create each: archive::collection_head as bytes.
  std::vector<shard_upkeep> shards;     ///< What is in it of this node.

  friend bool operator==(const checkpoint_description&, const checkpoint_description&) = default;
};

/// What one node says.
struct node_upkeep {
  node_number node{1};
  std::string name;
  status result; ///< Not ok: the node, or what of it is no shard's, did not do it.
  std::vector<shard_upkeep> shards;   ///< Ascending by collection, then by shard.
  std::uint64_t log_bytes = 0;        ///< Files of the log.
  std::uint64_t snapshot_bytes = 0;   ///< Files that snapshots are in.
  std::uint64_t checkpoint_bytes = 0; ///< Of checkpoints; shared ones are counted here as well.
  std::uint64_t disk_total_bytes = 0; ///< 0 = unknown.
  std::uint64_t disk_free_bytes = 0;
  std::vector<checkpoint_description> checkpoints; ///< list_checkpoints; ascending by name.
  std::string piece;     ///< read_checkpoint: a shard::snapshot_chunk as bytes.
  std::string cursor;    ///< read_checkpoint: for the next piece.
  bool complete = false; ///< read_checkpoint: nothing comes after this piece.
  node_quota quota{};    ///< usage.

  friend bool operator==(const node_upkeep&, const node_upkeep&) = default;
};

/// What all nodes said that the verb concerns.
struct storage_report {
  storage_verb verb = storage_verb::size;
  std::string checkpoint;         ///< Of the verbs that name one.
  std::vector<node_upkeep> nodes; ///< Ascending by number.

  /// ok, or who did not do it, and why: the first few of them.
  status verdict() const;
};

/// Makes a collection, or all of them, what a checkpoint or a backup says; what they held goes.
struct restore_request {
  std::string checkpoint; ///< A checkpoint of any nodes, or
  std::string backup;     ///< a snapshot of the whole storage on the node asked; one of the two.
  std::string collection; ///< Only this one of it; empty = all.
  std::string as;         ///< Under this name; empty = its own. Only with `collection`.
};

struct restored {
  std::vector<std::string> collections; ///< In the order of being restored.

  friend bool operator==(const restored&, const restored&) = default;
};

} // namespace grape
