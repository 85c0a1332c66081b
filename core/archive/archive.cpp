#include "core/archive/archive.hpp"

#include "core/codec/frame.hpp"
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

codec::packer packed(const collection_head& of) {
  codec::packer out;
  out.array(4);
  out.u64(static_cast<std::uint64_t>(kind::head));
  out.str(of.name);
  out.u64(of.shards);
  codec::pack(out, of.schema);
  return out;
}

std::string counted(kind of, std::uint64_t count) {
  codec::packer out;
  out.array(2);
  out.u64(static_cast<std::uint64_t>(of));
  out.u64(count);
  return framed(out, codec::compression::none);
}

outcome<entry> read_head(codec::unpacker& in) {
  collection_head head;
  head.name = in.str();
  head.shards = static_cast<std::uint32_t>(in.u64(std::numeric_limits<std::uint32_t>::max()));
  codec::unpack(in, head.schema);
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
  if (fields != (of == kind::head ? 4u : of == kind::piece ? 3u : 2u))
    in.fail("the wrong number of fields");
  if (!in.ok())
    return in.finish();
  switch (of) {
    case kind::head:
      if (content->size() > head_bytes_max)
        return status{errc::too_large, "a collection's head of " + std::to_string(content->size())
                                           + " bytes, at most "
                                           + std::to_string(head_bytes_max) + " are allowed"};
      return read_head(in);
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
