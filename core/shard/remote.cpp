#include "core/shard/remote.hpp"

#include "core/codec/pack_parts.hpp"
#include "core/codec/versioned_pack.hpp"
#include "core/shard/question_codec.hpp"

namespace grape::codec {

// A question and an answer stand inside as the bytes of their own codec, with their own version.
template <class T>
static void unpack_inner(unpacker& in, outcome<T> (*decode)(std::string_view), T& to) {
  auto inner = decode(in.bin());
  if (inner)
    to = std::move(*inner);
  else
    in.fail(inner.error().code == errc::wrong_version ? "what is inside has another version"
                                                      : "what is inside does not fit");
}

// Reached from the templates of pack_parts.hpp, which look in this namespace only.
static void pack(packer& out, const shard::remote_write& from) {
  out.array(6);
  out.u64(from.routed_by.value);
  out.u64(from.validated_against.value);
  out.boolean(from.wait);
  out.u64(from.timeout_ms);
  out.bin(from.command);
  pack_enum(out, from.ack);
}

static void unpack(unpacker& in, shard::remote_write& to) {
  in.tuple(6);
  unpack(in, to.routed_by.value);
  unpack(in, to.validated_against.value);
  unpack(in, to.wait);
  unpack(in, to.timeout_ms);
  to.command = in.bin();
  unpack_enum(in, to.ack, write_ack::all);
}

static void pack(packer& out, const shard::remote_schema& from) {
  out.array(2);
  out.u64(from.version.value);
  out.bin(from.command);
}

static void unpack(unpacker& in, shard::remote_schema& to) {
  in.tuple(2);
  unpack(in, to.version.value);
  to.command = in.bin();
}

static void pack(packer& out, const shard::remote_read& from) {
  out.array(2);
  out.bin(shard::encode(from.asked));
  pack_enum(out, from.level);
}

static void unpack(unpacker& in, shard::remote_read& to) {
  in.tuple(2);
  unpack_inner(in, shard::decode_question, to.asked);
  unpack_enum(in, to.level, read_level::all_replicas);
}

static void pack(packer& out, const shard::remote_receipt& from) {
  out.array(3);
  out.u64(from.index.value);
  pack_enum(out, from.progress);
  out.u64(from.copies);
}

static void unpack(unpacker& in, shard::remote_receipt& to) {
  in.tuple(3);
  unpack(in, to.index.value);
  unpack_enum(in, to.progress, write_progress::wait_timeout);
  unpack(in, to.copies);
}

static void pack(packer& out, const shard::answer& from) {
  out.bin(shard::encode(from));
}

static void unpack(unpacker& in, shard::answer& to) {
  unpack_inner(in, shard::decode_answer, to);
}

static void pack(packer& out, const shard::shard_request& from) {
  pack_union(out, from);
}

static void unpack(unpacker& in, shard::shard_request& to) {
  unpack_union(in, to);
}

static void pack(packer& out, const shard::shard_reply& from) {
  pack_union(out, from);
}

static void unpack(unpacker& in, shard::shard_reply& to) {
  unpack_union(in, to);
}

} // namespace grape::codec

namespace grape::shard {

namespace {

constexpr char request_version = 2;
constexpr char reply_version = 2;

} // namespace

std::string encode(const shard_request& of) {
  return codec::packed_as(request_version, of);
}

std::string encode(const shard_reply& of) {
  return codec::packed_as(reply_version, of);
}

outcome<shard_request> decode_shard_request(std::string_view bytes) {
  return codec::unpacked_as<shard_request>(request_version, bytes, "a request to a shard");
}

outcome<shard_reply> decode_shard_reply(std::string_view bytes) {
  return codec::unpacked_as<shard_reply>(reply_version, bytes, "a shard's reply");
}

} // namespace grape::shard
