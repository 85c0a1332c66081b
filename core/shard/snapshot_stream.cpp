#include "core/shard/snapshot_stream.hpp"

#include "core/codec/frame.hpp"
#include "core/codec/pack_parts.hpp"
#include "core/codec/request_codec.hpp"
#include "core/codec/schema_codec.hpp"

namespace grape::codec {

namespace {

using namespace shard;

constexpr std::size_t end_fields = 8;
constexpr std::size_t end_fields_before_sessions = 7; // Still read.

// Declared before any template that packs lists, optionals or unions of them is used.
template <class Tag, class Rep>
void pack(packer& out, const id<Tag, Rep>& from) {
  out.u64(from.value);
}

template <class Tag, class Rep>
void unpack(unpacker& in, id<Tag, Rep>& to) {
  to.value = static_cast<Rep>(in.u64());
}

void pack(packer& out, const snapshot_position& from) {
  out.array(5);
  pack(out, from.base);
  pack(out, from.since);
  pack(out, from.walking);
  pack(out, from.at);
  out.array(from.last ? 1 : 0);
  if (from.last)
    pack(out, *from.last);
}

void unpack(unpacker& in, snapshot_position& to) {
  in.tuple(5);
  unpack(in, to.base);
  unpack(in, to.since);
  unpack(in, to.walking);
  unpack(in, to.at);
  to.last.reset();
  const auto count = in.array();
  if (count > 1)
    in.fail("more than one value where one is optional");
  else if (count == 1)
    unpack(in, to.last.emplace());
}

void pack(packer& out, const storage::change_place& from) {
  out.array(2);
  pack(out, from.at);
  pack(out, from.id);
}

void unpack(unpacker& in, storage::change_place& to) {
  in.tuple(2);
  unpack(in, to.at);
  unpack(in, to.id);
}

void pack(packer& out, const storage::stored_point& from) {
  out.array(5);
  pack(out, from.id);
  out.u64(from.meta.version);
  out.u64(from.meta.vector_version);
  out.bin(from.vectors);
  out.bin(from.payload);
}

void unpack(unpacker& in, storage::stored_point& to) {
  in.tuple(5);
  unpack(in, to.id);
  to.meta.version = in.u64();
  to.meta.vector_version = in.u64(to.meta.version);
  to.vectors = in.bin();
  to.payload = in.bin();
}

void pack(packer& out, const session_note& from) {
  out.array(2);
  out.bin(from.name);
  out.bin(from.note);
}

void unpack(unpacker& in, session_note& to) {
  in.tuple(2);
  to.name = in.bin();
  to.note = in.bin();
}

template <class T>
void pack_list(packer& out, const std::vector<T>& from) {
  out.array(from.size());
  for (const auto& each : from)
    pack(out, each);
}

template <class T>
void unpack_list(unpacker& in, std::vector<T>& to) {
  to.clear();
  for (auto left = in.array(); left > 0 && in.ok(); --left)
    unpack(in, to.emplace_back());
}

void pack(packer& out, const snapshot_offer& from) {
  out.array(1);
  pack(out, from.index);
}

void unpack(unpacker& in, snapshot_offer& to) {
  in.tuple(1);
  unpack(in, to.index);
}

void pack(packer& out, const snapshot_chunk& from) {
  out.array(5);
  pack(out, from.from);
  pack(out, from.to);
  pack(out, from.schema);
  pack_list(out, from.erased);
  pack_list(out, from.points);
}

void unpack(unpacker& in, snapshot_chunk& to) {
  in.tuple(5);
  unpack(in, to.from);
  unpack(in, to.to);
  unpack(in, to.schema);
  unpack_list(in, to.erased);
  unpack_list(in, to.points);
}

void pack(packer& out, const snapshot_end& from) {
  out.array(end_fields);
  pack(out, from.at);
  pack(out, from.index);
  pack(out, from.forgotten);
  pack(out, from.schema);
  out.u64(from.points);
  out.u64(from.sum);
  out.bin(from.message);
  pack_list(out, from.sessions);
}

void unpack(unpacker& in, snapshot_end& to) {
  const auto fields = in.array();
  if (fields != end_fields && fields != end_fields_before_sessions)
    in.fail("not the fields of an end");
  unpack(in, to.at);
  unpack(in, to.index);
  unpack(in, to.forgotten);
  unpack(in, to.schema);
  to.points = in.u64();
  to.sum = in.u64();
  to.message = in.bin();
  to.sessions.clear();
  if (fields == end_fields)
    unpack_list(in, to.sessions);
}

void pack(packer& out, const snapshot_standing& from) {
  out.array(3);
  pack(out, from.own);
  out.array(from.staged ? 1 : 0);
  if (from.staged)
    pack(out, *from.staged);
  pack(out, from.complete);
}

void unpack(unpacker& in, snapshot_standing& to) {
  in.tuple(3);
  unpack(in, to.own);
  to.staged.reset();
  const auto count = in.array();
  if (count > 1)
    in.fail("more than one value where one is optional");
  else if (count == 1)
    unpack(in, to.staged.emplace());
  unpack(in, to.complete);
}

/// [number of the kind, content]
void pack(packer& out, const snapshot_question& from) {
  out.array(2);
  out.u64(from.index());
  std::visit([&](const auto& content) { pack(out, content); }, from);
}

void unpack(unpacker& in, snapshot_question& to) {
  in.tuple(2);
  switch (in.u64(2)) {
    case 0: return unpack(in, to.emplace<snapshot_offer>());
    case 1: return unpack(in, to.emplace<snapshot_chunk>());
    default: return unpack(in, to.emplace<snapshot_end>());
  }
}

/// Of what stands around the records; numbers are never used again.
constexpr char layout_version = 1;

/// A chunk of one point, which came in a log entry or two.
constexpr std::size_t body_bytes_max = 64u << 20;

template <class T>
std::string framed(const T& of) {
  packer out;
  pack(out, of);
  return encode_frame(layout_version + out.take(), compression::lz4);
}

template <class T>
outcome<T> unframed(std::string_view bytes) {
  const auto body = decode_frame(bytes, body_bytes_max);
  if (!body)
    return body.error();
  if (body->empty() || body->front() != layout_version)
    return status{errc::wrong_version, "a part of a snapshot has a layout of another version"};
  unpacker in{std::string_view{*body}.substr(1)};
  T value;
  unpack(in, value);
  if (auto read = in.finish(); !read.ok())
    return read;
  return value;
}

} // namespace

} // namespace grape::codec

namespace grape::shard {

snapshot_position whole_begin(log_index index) noexcept {
  return {.base = {}, .since = index, .walking = true, .at = {}, .last = {}};
}

snapshot_position difference_begin(log_index base) noexcept {
  return {.base = base, .since = base, .walking = false, .at = base, .last = {}};
}

bool is_begin(const snapshot_position& at) noexcept {
  return at == (at.base == log_index{} ? whole_begin(at.since) : difference_begin(at.base));
}

std::size_t chunk_bytes(const storage::stored_point& of) noexcept {
  constexpr std::size_t around_bytes = 48; // Id, versions and what MessagePack adds, at most.
  return around_bytes + of.vectors.size() + of.payload.size();
}

std::string encode(const snapshot_question& of) {
  return codec::framed(of);
}

std::string encode(const snapshot_standing& of) {
  return codec::framed(of);
}

std::string encode(const snapshot_position& of) {
  return codec::framed(of);
}

std::string encode(const snapshot_end& of) {
  return codec::framed(of);
}

outcome<snapshot_question> decode_snapshot_question(std::string_view bytes) {
  return codec::unframed<snapshot_question>(bytes);
}

outcome<snapshot_standing> decode_snapshot_standing(std::string_view bytes) {
  return codec::unframed<snapshot_standing>(bytes);
}

outcome<snapshot_position> decode_snapshot_position(std::string_view bytes) {
  return codec::unframed<snapshot_position>(bytes);
}

outcome<snapshot_end> decode_snapshot_end(std::string_view bytes) {
  return codec::unframed<snapshot_end>(bytes);
}

} // namespace grape::shard
