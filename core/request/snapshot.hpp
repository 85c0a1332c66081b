#pragma once

#include "core/request/options.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Snapshots of collections, or of everything, as files on the node that made them.
namespace grape {

/// What snapshots leave of the disk for those who write.
inline constexpr std::uint64_t snapshot_free_bytes_min = std::uint64_t{256} << 20;

/// Whose snapshots: of one collection (or alias), of one of its shards, or of the whole storage.
struct snapshot_owner {
  std::optional<std::string> collection; ///< Absent: the whole storage.
  std::optional<std::uint32_t> shard;    ///< Only with a collection.

  friend bool operator==(const snapshot_owner&, const snapshot_owner&) = default;
};

struct make_snapshot_request {
  snapshot_owner of;
};

struct list_snapshots_request {
  snapshot_owner of;
  bool only_here = false; ///< Of this node; else of all nodes that can be asked.
};

struct find_snapshot_request {
  snapshot_owner of;
  std::string name;
  bool only_here = false;
};

struct delete_snapshot_request {
  snapshot_owner of;
  std::string name;
  bool only_here = false;
};

/// Makes a collection, or one of its shards, what a snapshot says; what it held before goes, with
/// whatever was written there meanwhile. Everybody sees the one or the other as a whole.
struct recover_snapshot_request {
  std::string collection; ///< Created if it does not exist, unless a shard is meant. No alias.
  std::string location;   ///< An http, https or file URL; empty: `uploaded` is the snapshot.
  std::string uploaded = {}; ///< The path of a file that came with the request.
  std::string api_key;  ///< For whoever serves the URL; empty = none.
  std::string checksum; ///< SHA-256 that the file must have, 64 hexadecimal digits; empty = any.
  std::optional<std::uint32_t> shard = {}; ///< Of a collection that is as the snapshot's was.
  std::shared_ptr<const void> keeps = {};  ///< The uploaded file lives as long as this.
};

struct snapshot_description {
  std::string name;
  std::uint64_t created_unix_s = 0;
  std::uint64_t size = 0;
  std::string checksum; ///< SHA-256, 64 hexadecimal digits; empty: not known.

  friend bool operator==(const snapshot_description&, const snapshot_description&) = default;
};

struct snapshot_list {
  std::vector<snapshot_description> all; ///< Ascending by name.
};

/// What comes next of one shard, for whoever writes an archive of it. A series of pieces makes one
/// state of the shard: that of the last one.
struct export_request {
  std::string collection;
  std::uint32_t shard = 0;
  std::string cursor; ///< As the last piece said; empty = from the beginning.
  read_options read;
};

struct export_reply {
  std::string piece; ///< A shard::snapshot_chunk as bytes.
  std::string cursor;
  bool complete = false; ///< Nothing comes after this piece.

  friend bool operator==(const export_reply&, const export_reply&) = default;
};

/// A snapshot's file, to be read by whoever asked.
struct snapshot_file {
  std::string path;
  std::shared_ptr<const void> keeps = {}; ///< Not null: the file lives as long as this.
};

} // namespace grape
