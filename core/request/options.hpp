#pragma once

#include "core/request/shard_key.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace grape {

/// What a read demands of the replicas that answer it.
enum class read_level : std::uint8_t {
  collection_default = 0, ///< Whatever the collection says; `linearizable` unless set.
  eventual = 1,           ///< Any healthy replica; staleness is reported.
  read_quorum = 2,        ///< Not older than the newest acknowledged write (ReadIndex).
  linearizable = 3,       ///< The same path for points; a fence for searches of several shards.
  all_replicas = 4,       ///< ReadIndex and every replica applied to it.
};

/// Options that every read shares.
struct read_options {
  read_level level = read_level::collection_default;
  std::uint32_t timeout_ms = 60'000; ///< 1 or more.
  bool explain = false;              ///< Adds an `explain` object to the answer.
  bool names_timeout = false;        ///< The client chose `timeout_ms`; else it is the node's.
  std::optional<shard_key_selector> keys{}; ///< Of a collection sharded by keys; absent: all.
};

/// How durable a write is when its client hears of it. Numbers travel: append, never renumber.
enum class write_ack : std::uint8_t {
  collection_default = 0, ///< As the collection's sync_mode and write_consistency_factor say.
  eventual = 1,           ///< In the log of the shard's leader; it may be lost with the leader.
  write_quorum = 2,       ///< Committed: a majority of the shard's voters has it.
  all = 3, ///< So has every voter that the leader heard within one election timeout.
};

/// Options that every update shares.
struct write_options {
  bool wait = false; ///< True: answer when applied; false: when it is as durable as `ack` says.
  /// After it a write that is in the log for good answers `wait_timeout`, whatever it waits for.
  std::optional<std::uint32_t> timeout_ms{};
  write_ack ack = write_ack::collection_default; ///< Which pairs are allowed: durability.hpp.
};

/// Which parts of a payload come back.
struct payload_selector {
  enum class mode : std::uint8_t { none, all, include, exclude };

  mode wanted = mode::none;
  std::vector<std::string> paths; ///< Payload paths, for include and exclude.

  friend bool operator==(const payload_selector&, const payload_selector&) = default;
};

/// Which vectors come back.
struct vector_selector {
  enum class mode : std::uint8_t { none, all, named };

  mode wanted = mode::none;
  std::vector<std::string> names; ///< For named.

  friend bool operator==(const vector_selector&, const vector_selector&) = default;
};

} // namespace grape
