#pragma once

#include "core/cluster/collection_entry.hpp"
#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/request/cluster.hpp"
#include "core/request/collection.hpp"
#include "core/request/write.hpp"
#include "core/shard/snapshot_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace grape::cluster {
class metadata;
}

/// Collections in one file: what REST calls a snapshot. It is independent of where the shards are:
/// whoever reads it creates the collection and writes its points again.
namespace grape::archive {

/// A key of a collection that is sharded by keys.
struct archived_key {
  shard_key key;
  std::vector<shard_id> shards; ///< As they were numbered: ascending, not empty.
  std::optional<std::uint32_t> replication_factor{};
  /// The nodes where its replicas were placed, by name: in another cluster a number is another
  /// node's. Empty: anywhere.
  std::set<std::string> placement{};

  friend bool operator==(const archived_key&, const archived_key&) = default;
};

/// A collection begins: how it is to be created.
struct collection_head {
  std::string name;
  collection_schema schema;
  std::uint32_t shards = 0; ///< How many are to come. One shard's state is of one moment.
  std::vector<archived_key> keys{}; ///< To be created before its points are written.

  friend bool operator==(const collection_head&, const collection_head&) = default;
};

/// A piece of one shard. A later piece of the same shard replaces what an earlier one said.
struct shard_piece {
  shard_id shard;
  shard::snapshot_chunk chunk;

  friend bool operator==(const shard_piece&, const shard_piece&) = default;
};

/// The collection is complete.
struct collection_end {
  std::uint64_t pieces = 0;

  friend bool operator==(const collection_end&, const collection_end&) = default;
};

/// Nothing comes after this.
struct archive_end {
  std::uint64_t collections = 0;

  friend bool operator==(const archive_end&, const archive_end&) = default;
};

/// What an archive may ask of whoever reads it: nothing larger is written, and nothing larger is
/// believed, whatever lengths a file claims.
inline constexpr std::size_t entry_bytes_max = std::size_t{80} << 20; ///< Also once unpacked.
inline constexpr std::size_t head_bytes_max = std::size_t{4} << 20;   ///< Of one collection's.
inline constexpr std::size_t heads_bytes_max = std::size_t{16} << 20; ///< Of all together.
inline constexpr std::size_t piece_points_max = std::size_t{1} << 17;

using entry = std::variant<collection_head, shard_piece, collection_end, archive_end>;

/// The body of an entry as it stands in the file. `encoded_chunk` is a chunk as shards send it:
/// it goes into the file as it came.
std::string encode(const collection_head& of);
std::string encode(shard_id shard, std::string_view encoded_chunk);
std::string encode(const collection_end& of);
std::string encode(const archive_end& of);

/// Bytes of a head once it is unpacked.
std::size_t size_of(const collection_head& of);

/// Errors: corrupted, wrong_version, too_large (see the limits above).
outcome<entry> decode_entry(std::string_view body);

/// What has to be written, in this order, for the collection to hold what the piece says. Error:
/// corrupted (a point that cannot be read).
outcome<std::vector<write_operation>> writes_of(const shard_piece& of);

/// The keys of a collection of `state`, as an archive keeps them.
std::vector<archived_key> keys_of(const cluster::metadata& state,
                                  const cluster::collection_entry& of);

/// The key under which the points of a shard are to be written; nothing: the collection has none.
std::optional<shard_key_selector> key_of(const collection_head& of, shard_id shard);

/// The shards whose pieces may come, ascending.
std::vector<shard_id> shards_of(const collection_head& of);
bool has_shard(const collection_head& of, shard_id shard);

/// What creates the key again; where it was placed, if `state` knows all of these nodes, and
/// anywhere if not.
add_shard_key creation_of(const archived_key& of, const cluster::metadata& state);

/// The points of a chunk as shards send it. Error: corrupted.
outcome<std::vector<point_id>> ids_of(std::string_view encoded_chunk);

/// Whether a shard of an archived collection can take the place of the same one of a collection
/// that has `shards`. Error: bad_request.
status check_shard(const collection_head& from, const collection_schema& to, std::uint32_t shards);

/// Whether a shard was one of the same shards of the same key as it is in `to`. Error: bad_request.
status check_key(const collection_head& from, const cluster::collection_entry& to, shard_id shard);

} // namespace grape::archive
