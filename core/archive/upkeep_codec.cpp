#include "core/archive/upkeep_codec.hpp"

#include "core/codec/pack_parts.hpp"
#include "core/codec/versioned_pack.hpp"

#include <limits>
#include <utility>

namespace grape {

// Found by the templates of the codec where the types are.
namespace {

using codec::pack;
using codec::packer;
using codec::unpack;
using codec::unpacker;

constexpr auto number_max = std::numeric_limits<std::uint32_t>::max();

std::uint32_t small(unpacker& in) {
  return static_cast<std::uint32_t>(in.u64(number_max));
}

} // namespace

void pack(packer& out, const status& from) {
  out.array(2);
  codec::pack_enum(out, from.code);
  out.str(from.detail);
}

void unpack(unpacker& in, status& to) {
  in.tuple(2);
  codec::unpack_enum(in, to.code, errc::rate_limited);
  to.detail = in.str();
}

void pack(packer& out, const storage_request& from) {
  out.array(7);
  codec::pack_enum(out, from.verb);
  out.str(from.collection);
  out.str(from.checkpoint);
  out.u64(from.timeout_ms);
  out.u64(from.node ? from.node->value : 0);
  out.u64(from.shard);
  out.bin(from.cursor);
}

void unpack(unpacker& in, storage_request& to) {
  in.tuple(7);
  codec::unpack_enum(in, to.verb, storage_verb::usage);
  if (in.ok() && to_string(to.verb) == "unknown")
    in.fail("a verb of no number");
  to.collection = in.str();
  to.checkpoint = in.str();
  to.timeout_ms = small(in);
  if (const auto node = small(in); node != 0)
    to.node = node_number{node};
  to.shard = small(in);
  to.cursor = in.bin();
}

void pack(packer& out, const shard_upkeep& from) {
  out.array(15);
  out.str(from.collection);
  out.u64(from.shard);
  pack(out, from.result);
  for (const auto number : {from.applied, from.durable, from.points})
    out.u64(number);
  out.str(from.digest);
  for (const auto number :
       {from.store_bytes, from.segment_bytes, from.payload_bytes, from.vector_bytes,
        from.code_bytes, from.memory_bytes, from.mapped_bytes, from.bytes})
    out.u64(number);
}

void unpack(unpacker& in, shard_upkeep& to) {
  in.tuple(15);
  to.collection = in.str();
  to.shard = small(in);
  unpack(in, to.result);
  for (auto* number : {&to.applied, &to.durable, &to.points})
    *number = in.u64();
  to.digest = in.str();
  for (auto* number : {&to.store_bytes, &to.segment_bytes, &to.payload_bytes, &to.vector_bytes,
                       &to.code_bytes, &to.memory_bytes, &to.mapped_bytes, &to.bytes})
    *number = in.u64();
}

void pack(packer& out, const checkpoint_description& from) {
  out.array(5);
  out.str(from.name);
  out.u64(from.created_unix_s);
  out.u64(from.bytes);
  out.array(from.collections.size());
  for (const auto& each : from.collections)
    out.bin(each);
  codec::pack(out, from.shards);
}

void unpack(unpacker& in, checkpoint_description& to) {
  in.tuple(5);
  to.name = in.str();
  to.created_unix_s = in.u64();
  to.bytes = in.u64();
  for (auto left = in.array(); left > 0 && in.ok(); --left)
    to.collections.emplace_back(in.bin());
  codec::unpack(in, to.shards);
}

void pack(packer& out, const node_quota& from) {
  out.array(3);
  for (const auto& part : {from.usage.memory, from.usage.disk})
    part ? out.u64(*part) : out.nil();
  out.boolean(from.exceeded);
}

void unpack(unpacker& in, node_quota& to) {
  in.tuple(3);
  for (auto* part : {&to.usage.memory, &to.usage.disk})
    if (in.peek() == unpacker::kind::nil)
      in.nil();
    else
      *part = static_cast<std::uint8_t>(in.u64(100));
  to.exceeded = in.boolean();
}

void pack(packer& out, const node_upkeep& from) {
  out.array(14);
  out.u64(from.node.value);
  out.str(from.name);
  pack(out, from.result);
  codec::pack(out, from.shards);
  for (const auto number : {from.log_bytes, from.snapshot_bytes, from.checkpoint_bytes,
                            from.disk_total_bytes, from.disk_free_bytes})
    out.u64(number);
  codec::pack(out, from.checkpoints);
  out.bin(from.piece);
  out.bin(from.cursor);
  out.boolean(from.complete);
  pack(out, from.quota);
}

void unpack(unpacker& in, node_upkeep& to) {
  in.tuple(14);
  to.node.value = small(in);
  to.name = in.str();
  unpack(in, to.result);
  codec::unpack(in, to.shards);
  for (auto* number : {&to.log_bytes, &to.snapshot_bytes, &to.checkpoint_bytes,
                       &to.disk_total_bytes, &to.disk_free_bytes})
    *number = in.u64();
  codec::unpack(in, to.checkpoints);
  to.piece = in.bin();
  to.cursor = in.bin();
  to.complete = in.boolean();
  unpack(in, to.quota);
}

namespace archive {

namespace {

constexpr char version = 1;
constexpr char report_version = 2;

} // namespace

void pack(packer& out, const collection_head& from) {
  out.bin(encode(from));
}

void unpack(unpacker& in, collection_head& to) {
  auto read = decode_entry(in.bin());
  if (!in.ok())
    return;
  auto* head = read ? std::get_if<collection_head>(&*read) : nullptr;
  if (head == nullptr)
    return in.fail("a collection that is none");
  to = std::move(*head);
}

void pack(packer& out, const checkpoint_shard& from) {
  out.array(5);
  out.str(from.collection);
  out.u64(from.shard.value);
  out.u64(from.group.value);
  out.u64(from.applied.value);
  out.u64(from.points);
}

void unpack(unpacker& in, checkpoint_shard& to) {
  in.tuple(5);
  to.collection = in.str();
  to.shard.value = small(in);
  to.group.value = small(in);
  to.applied.value = in.u64();
  to.points = in.u64();
}

void pack(packer& out, const checkpoint_record& from) {
  out.array(3);
  out.u64(from.created_unix_s);
  codec::pack(out, from.collections);
  codec::pack(out, from.shards);
}

void unpack(unpacker& in, checkpoint_record& to) {
  in.tuple(3);
  to.created_unix_s = in.u64();
  codec::unpack(in, to.collections);
  codec::unpack(in, to.shards);
}

std::string encode(const storage_request& of) {
  return codec::packed_as(version, of);
}

std::string encode(const node_upkeep& of) {
  return codec::packed_as(report_version, of);
}

std::string encode(const checkpoint_record& of) {
  return codec::packed_as(version, of);
}

outcome<storage_request> decode_storage_request(std::string_view bytes) {
  return codec::unpacked_as<storage_request>(version, bytes, "a verb of the storage");
}

outcome<node_upkeep> decode_node_upkeep(std::string_view bytes) {
  return codec::unpacked_as<node_upkeep>(report_version, bytes, "what a node did with its storage");
}

outcome<checkpoint_record> decode_checkpoint_record(std::string_view bytes) {
  return codec::unpacked_as<checkpoint_record>(version, bytes, "the record of a checkpoint");
}

} // namespace archive
} // namespace grape
