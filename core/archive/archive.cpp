#include "core/archive/archive.hpp"

#include "core/cluster/metadata.hpp"
#include "core/codec/frame.hpp"
#include "core/codec/pack_id.hpp"
#include "core/codec/pack_parts.hpp"
#include "core/codec/request_codec.hpp"
#include "core/codec/schema_codec.hpp"
#include "core/storage/point_of.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace grape::archive {

namespace {

constexpr char version = 1;

enum class kind : std::uint8_t { head = 0, piece = 1, collection_end = 2, archive_end = 3 };

/// A version byte and [kind, ...], framed.
std::string framed(codec::packer& out, codec::compression how) {
  return codec::encode_frame(std::string(1, version) + out.take(), how);
}

/// Of a head; one of a collection without keys, or from before there were any, ends earlier.
constexpr std::size_t head_fields = 4;
constexpr std::size_t head_fields_with_keys = 5;

/// Of a key; one that was placed nowhere in particular ends earlier.
constexpr std::size_t key_fields = 3;
constexpr std::size_t key_fields_placed = 4;

void pack_keys(codec::packer& out, const std::vector<archived_key>& keys) {
  out.array(keys.size());
  for (const auto& one : keys) {
    out.array(one.placement.empty() ? key_fields : key_fields_placed);
    codec::pack(out, one.key);
    out.array(one.shards.size());
    for (const auto shard : one.shards)
      codec::pack_id(out, shard);
    out.u64(one.replication_factor.value_or(0));
    if (one.placement.empty())
      continue;
    out.array(one.placement.size());
    for (const auto& node : one.placement)
      out.str(node);
  }
}

std::vector<archived_key> unpack_keys(codec::unpacker& in) {
  std::vector<archived_key> keys;
  for (auto left = in.array(); left > 0 && in.ok(); --left) {
    auto& one = keys.emplace_back();
    const auto fields = in.array();
    if (in.ok() && fields != key_fields && fields != key_fields_placed)
      in.fail("a key of another version");
    codec::unpack(in, one.key);
    for (auto shards = in.array(); shards > 0 && in.ok(); --shards)
      codec::unpack_id(in, one.shards.emplace_back());
    if (one.shards.empty())
      in.fail("a key without shards");
    if (const auto factor = in.u64(std::numeric_limits<std::uint32_t>::max()); factor > 0)
      one.replication_factor = static_cast<std::uint32_t>(factor);
    if (fields == key_fields_placed)
      for (auto nodes = in.array(); nodes > 0 && in.ok(); --nodes)
        one.placement.emplace(in.str());
  }
  return keys;
}

codec::packer packed(const collection_head& of) {
  codec::packer out;
  out.array(of.keys.empty() ? head_fields : head_fields_with_keys);
  out.u64(static_cast<std::uint64_t>(kind::head));
  out.str(of.name);
  out.u64(of.shards);
  codec::pack(out, of.schema);
  if (!of.keys.empty())
    pack_keys(out, of.keys);
  return out;
}

bool is_length_of(kind of, std::size_t fields) {
  switch (of) {
    case kind::head: return fields == head_fields || fields == head_fields_with_keys;
    case kind::piece: return fields == 3;
    case kind::collection_end:
    case kind::archive_end: break;
  }
  return fields == 2;
}

std::string counted(kind of, std::uint64_t count) {
  codec::packer out;
  out.array(2);
  out.u64(static_cast<std::uint64_t>(of));
  out.u64(count);
  return framed(out, codec::compression::none);
}

outcome<entry> read_head(codec::unpacker& in, std::size_t fields) {
  collection_head head;
  head.name = in.str();
  head.shards = static_cast<std::uint32_t>(in.u64(std::numeric_limits<std::uint32_t>::max()));
  codec::unpack(in, head.schema);
  if (fields == head_fields_with_keys)
    head.keys = unpack_keys(in);
  if (auto read = in.finish(); !read.ok())
    return read;
  return entry{std::move(head)};
}

outcome<entry> read_piece(codec::unpacker& in) {
  shard_piece piece;
  piece.shard.value = static_cast<std::uint32_t>(in.u64(std::numeric_limits<std::uint32_t>::max()));
  const auto bytes = in.bin();
  if (auto read = in.finish(); !read.ok())
    return read;
  auto said = shard::decode_snapshot_question(bytes);
  if (!said)
    return std::move(said).error();
  auto* chunk = std::get_if<shard::snapshot_chunk>(&*said);
  if (chunk == nullptr)
    return status{errc::corrupted, "an archive holds something that is no piece of a shard"};
  if (chunk->points.size() + chunk->erased.size() > piece_points_max)
    return status{errc::too_large, "a piece of more than " + std::to_string(piece_points_max)
                                       + " points"};
  piece.chunk = std::move(*chunk);
  return entry{std::move(piece)};
}

template <class End>
outcome<entry> read_end(codec::unpacker& in) {
  const auto count = in.u64();
  if (auto read = in.finish(); !read.ok())
    return read;
  return entry{End{count}};
}

} // namespace

std::string encode(const collection_head& of) {
  auto out = packed(of);
  return framed(out, codec::compression::lz4);
}

std::size_t size_of(const collection_head& of) {
  return 1 + packed(of).take().size(); // With the version.
}

std::string encode(shard_id shard, std::string_view encoded_chunk) {
  codec::packer out;
  out.array(3);
  out.u64(static_cast<std::uint64_t>(kind::piece));
  out.u64(shard.value);
  out.bin(encoded_chunk);
  return framed(out, codec::compression::none); // The chunk is compressed already.
}

std::string encode(const collection_end& of) {
  return counted(kind::collection_end, of.pieces);
}

std::string encode(const archive_end& of) {
  return counted(kind::archive_end, of.collections);
}

outcome<entry> decode_entry(std::string_view body) {
  const auto content = codec::decode_frame(body, entry_bytes_max);
  if (!content)
    return content.error();
  if (content->empty() || content->front() != version)
    return status{errc::wrong_version, "an archive of another version"};
  codec::unpacker in{std::string_view{*content}.substr(1)};
  const auto fields = in.array();
  const auto of = static_cast<kind>(in.u64(static_cast<std::uint64_t>(kind::archive_end)));
  if (!is_length_of(of, fields))
    in.fail("the wrong number of fields");
  if (!in.ok())
    return in.finish();
  switch (of) {
    case kind::head:
      if (content->size() > head_bytes_max)
        return status{errc::too_large, "a collection's head of " + std::to_string(content->size())
                                           + " bytes, at most "
                                           + std::to_string(head_bytes_max) + " are allowed"};
      return read_head(in, fields);
    case kind::piece: return read_piece(in);
    case kind::collection_end: return read_end<collection_end>(in);
    case kind::archive_end: break;
  }
  return read_end<archive_end>(in);
}

outcome<std::vector<write_operation>> writes_of(const shard_piece& of) {
  std::vector<write_operation> writes;
  std::vector<point_id> gone;
  for (const auto& each : of.chunk.erased)
    // An older one tells replicas what to forget: the walk saw the point as it was afterwards.
    if (each.at > of.chunk.from.since)
      gone.push_back(each.id);
  if (!gone.empty())
    writes.emplace_back(delete_points{std::move(gone)});
  if (of.chunk.points.empty())
    return writes;
  upsert_points upsert;
  for (const auto& each : of.chunk.points) {
    auto read = storage::point_of(each);
    if (!read)
      return std::move(read).error();
    upsert.points.push_back(std::move(*read));
  }
  writes.emplace_back(std::move(upsert));
  return writes;
}

std::vector<archived_key> keys_of(const cluster::metadata& state,
                                  const cluster::collection_entry& of) {
  std::vector<archived_key> keys;
  for (const auto& [key, part] : of.keys) {
    auto& one = keys.emplace_back(archived_key{key, part.shards, part.replication_factor, {}});
    for (const auto node : part.placement)
      if (const auto at = state.nodes().find(node); at != state.nodes().end())
        one.placement.insert(at->second.name);
  }
  return keys;
}

namespace {

/// The key of a shard, and all shards of that key.
using key_and_shards = std::pair<shard_key, std::vector<shard_id>>;

std::optional<key_and_shards> find_key(const cluster::collection_entry& in, shard_id shard) {
  for (const auto& [key, part] : in.keys)
    if (std::find(part.shards.begin(), part.shards.end(), shard) != part.shards.end())
      return key_and_shards{key, part.shards};
  return std::nullopt;
}

const archived_key* find_key(const std::vector<archived_key>& keys, shard_id shard) {
  const auto found = std::find_if(keys.begin(), keys.end(), [shard](const archived_key& one) {
    return std::find(one.shards.begin(), one.shards.end(), shard) != one.shards.end();
  });
  return found == keys.end() ? nullptr : &*found;
}

} // namespace

std::vector<shard_id> shards_of(const collection_head& of) {
  std::vector<shard_id> all;
  for (const auto& key : of.keys)
    all.insert(all.end(), key.shards.begin(), key.shards.end());
  if (of.keys.empty())
    for (shard_id shard{0}; shard.value < of.shards; shard = shard.next())
      all.push_back(shard);
  std::sort(all.begin(), all.end());
  return all;
}

bool has_shard(const collection_head& of, shard_id shard) {
  return of.keys.empty() ? shard.value < of.shards : find_key(of.keys, shard) != nullptr;
}

std::optional<shard_key_selector> key_of(const collection_head& of, shard_id shard) {
  const auto* found = find_key(of.keys, shard);
  return found == nullptr ? std::nullopt : std::optional{shard_key_selector{{found->key}}};
}

add_shard_key creation_of(const archived_key& of, const cluster::metadata& state) {
  add_shard_key made{.key = of.key,
                     .shards = static_cast<std::uint32_t>(of.shards.size()),
                     .replication_factor = of.replication_factor};
  std::vector<node_number> where;
  for (const auto& name : of.placement)
    if (const auto node = state.find_node(name))
      where.push_back(*node);
  if (!where.empty() && where.size() == of.placement.size())
    made.placement = std::move(where);
  return made;
}

status check_key(const collection_head& from, const cluster::collection_entry& to,
                 shard_id shard) {
  const auto* found = find_key(from.keys, shard);
  const auto was = found == nullptr ? std::nullopt
                                    : std::optional{key_and_shards{found->key, found->shards}};
  if (was == find_key(to, shard))
    return {};
  return {errc::bad_request, "shard " + std::to_string(shard.value)
                                 + " of the snapshot is not of the key that it is of now"};
}

outcome<std::vector<point_id>> ids_of(std::string_view encoded_chunk) {
  const auto said = shard::decode_snapshot_question(encoded_chunk);
  if (!said)
    return said.error();
  const auto* chunk = std::get_if<shard::snapshot_chunk>(&*said);
  if (chunk == nullptr)
    return status{errc::corrupted, "no piece of a shard"};
  std::vector<point_id> ids;
  for (const auto& each : chunk->points)
    ids.push_back(each.id);
  return ids;
}

status check_shard(const collection_head& from, const collection_schema& to,
                   std::uint32_t shards) {
  const auto& was = from.schema.options;
  if (from.shards != shards)
    return {errc::bad_request, "the snapshot is of a collection of " + std::to_string(from.shards)
                                   + " shards, not " + std::to_string(shards)};
  const auto same = [](const auto& all, const auto& others, auto alike) {
    return std::equal(all.begin(), all.end(), others.begin(), others.end(),
                      [&](const auto& one, const auto& other) {
                        return one.first == other.first && alike(one.second, other.second);
                      });
  };
  const auto is_stored_alike = [](const vector_field& one, const vector_field& other) {
    return one.size == other.size && one.distance == other.distance && one.multi == other.multi
           && one.stored_as() == other.stored_as();
  };
  if (same(was.vectors, to.options.vectors, is_stored_alike)
      && same(was.sparse_vectors, to.options.sparse_vectors,
              [](const sparse_field&, const sparse_field&) { return true; }))
    return {};
  return {errc::bad_request, "the snapshot's collection has other vectors"};
}

} // namespace grape::archive
