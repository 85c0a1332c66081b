#include "core/client/message.hpp"

#include "core/codec/pack_id.hpp"
#include "core/codec/pack_parts.hpp"
#include "core/codec/query_codec.hpp"
#include "core/codec/read_codec.hpp"
#include "core/codec/request_codec.hpp"
#include "core/codec/schema_codec.hpp"
#include "core/codec/text.hpp"
#include "core/codec/versioned_pack.hpp"

#include <algorithm>

namespace grape::codec {

namespace {

const record& record_in(const record& of) {
  return of;
}

const record& record_in(const scored_record& of) {
  return of.point;
}

record& record_in(record& of) {
  return of;
}

record& record_in(scored_record& of) {
  return of.point;
}

} // namespace

// Reached from the templates of pack_parts.hpp, which look in this namespace only.
static void pack(packer& out, const write_request& from) {
  out.array(5);
  out.str(from.collection);
  pack(out, from.operations);
  out.boolean(from.options.wait);
  pack_enum(out, from.options.ack);
  pack(out, from.keys);
}

static void unpack(unpacker& in, write_request& to) {
  in.tuple(5);
  unpack(in, to.collection);
  unpack(in, to.operations);
  unpack(in, to.options.wait);
  unpack_enum(in, to.options.ack, write_ack::all);
  unpack(in, to.keys);
}

static void pack(packer& out, const query_request& from) {
  out.array(7);
  out.str(from.collection);
  pack(out, static_cast<const query_part&>(from));
  out.u64(from.offset);
  pack(out, from.with_payload);
  pack(out, from.with_vectors);
  pack_enum(out, from.read.level);
  pack(out, from.read.keys);
}

static void unpack(unpacker& in, query_request& to) {
  in.tuple(7);
  unpack(in, to.collection);
  unpack(in, static_cast<query_part&>(to));
  unpack(in, to.offset);
  unpack(in, to.with_payload);
  unpack(in, to.with_vectors);
  unpack_enum(in, to.read.level, read_level::all_replicas);
  unpack(in, to.read.keys);
}

static void pack(packer& out, const retrieve_request& from) {
  out.array(6);
  out.str(from.collection);
  pack(out, from.ids);
  pack(out, from.with_payload);
  pack(out, from.with_vectors);
  pack_enum(out, from.read.level);
  pack(out, from.read.keys);
}

static void unpack(unpacker& in, retrieve_request& to) {
  in.tuple(6);
  unpack(in, to.collection);
  unpack(in, to.ids);
  unpack(in, to.with_payload);
  unpack(in, to.with_vectors);
  unpack_enum(in, to.read.level, read_level::all_replicas);
  unpack(in, to.read.keys);
}

static void pack(packer& out, const count_request& from) {
  out.array(5);
  out.str(from.collection);
  pack(out, from.filter);
  out.boolean(from.exact);
  pack_enum(out, from.read.level);
  pack(out, from.read.keys);
}

static void unpack(unpacker& in, count_request& to) {
  in.tuple(5);
  unpack(in, to.collection);
  unpack(in, to.filter);
  unpack(in, to.exact);
  unpack_enum(in, to.read.level, read_level::all_replicas);
  unpack(in, to.read.keys);
}

static void pack(packer& out, const create_collection_request& from) {
  out.array(2);
  out.str(from.collection);
  pack(out, from.options);
}

static void unpack(unpacker& in, create_collection_request& to) {
  in.tuple(2);
  unpack(in, to.collection);
  unpack(in, to.options);
}

static void pack(packer& out, const delete_collection_request& from) {
  out.str(from.collection);
}

static void unpack(unpacker& in, delete_collection_request& to) {
  unpack(in, to.collection);
}

static void pack(packer& out, const client::watch_collection& from) {
  out.str(from.collection);
}

static void unpack(unpacker& in, client::watch_collection& to) {
  unpack(in, to.collection);
}

static void pack(packer& out, const client::unwatch_collection& from) {
  out.str(from.collection);
}

static void unpack(unpacker& in, client::unwatch_collection& to) {
  unpack(in, to.collection);
}

static void pack(packer& out, const node_number& from) {
  pack_id(out, from);
}

static void unpack(unpacker& in, node_number& to) {
  unpack_id(in, to);
}

static void pack(packer& out, const add_shard_key& from) {
  out.array(4);
  pack(out, from.key);
  pack(out, from.shards);
  pack(out, from.replication_factor);
  pack(out, from.placement);
}

static void unpack(unpacker& in, add_shard_key& to) {
  in.tuple(4);
  unpack(in, to.key);
  unpack(in, to.shards);
  unpack(in, to.replication_factor);
  unpack(in, to.placement);
}

static void pack(packer& out, const remove_shard_key& from) {
  pack(out, from.key);
}

static void unpack(unpacker& in, remove_shard_key& to) {
  unpack(in, to.key);
}

static void pack(packer& out, const change_shard_keys_request& from) {
  out.array(2);
  out.str(from.collection);
  pack_union(out, from.what);
}

static void unpack(unpacker& in, change_shard_keys_request& to) {
  in.tuple(2);
  unpack(in, to.collection);
  unpack_union(in, to.what);
}

static void pack(packer& out, const list_shard_keys_request& from) {
  out.str(from.collection);
}

static void unpack(unpacker& in, list_shard_keys_request& to) {
  unpack(in, to.collection);
}

static void pack(packer& out, const client::request& from) {
  pack_union(out, from);
}

static void unpack(unpacker& in, client::request& to) {
  unpack_union(in, to);
}

static void pack(packer& out, const write_receipt& from) {
  out.array(3);
  out.u64(from.operation_id);
  pack_enum(out, from.progress);
  out.u64(from.copies);
}

static void unpack(unpacker& in, write_receipt& to) {
  in.tuple(3);
  unpack(in, to.operation_id);
  unpack_enum(in, to.progress, write_progress::wait_timeout);
  unpack(in, to.copies);
}

static void pack(packer& out, const write_receipts& from) {
  pack(out, from.receipts);
}

static void unpack(unpacker& in, write_receipts& to) {
  unpack(in, to.receipts);
}

static void pack(packer& out, const count_reply& from) {
  out.u64(from.count);
}

static void unpack(unpacker& in, count_reply& to) {
  unpack(in, to.count);
}

static void pack(packer& out, const changed& from) {
  out.boolean(from.yes);
}

static void unpack(unpacker& in, changed& to) {
  unpack(in, to.yes);
}

static void pack(packer& out, const shard_key_list& from) {
  out.array(2);
  out.boolean(from.by_keys);
  pack(out, from.keys);
}

static void unpack(unpacker& in, shard_key_list& to) {
  in.tuple(2);
  unpack(in, to.by_keys);
  unpack(in, to.keys);
}

/// Where records are, which shards do not say of themselves: an empty list if nowhere.
template <class Record>
void pack_with_keys(packer& out, const std::vector<Record>& from) {
  out.array(2);
  out.array(from.size());
  for (const auto& each : from)
    pack(out, each);
  std::vector<std::optional<shard_key>> keys;
  for (const auto& each : from)
    keys.push_back(record_in(each).key);
  if (std::none_of(keys.begin(), keys.end(), [](const auto& key) { return key.has_value(); }))
    keys.clear();
  pack(out, keys);
}

template <class Record>
void unpack_with_keys(unpacker& in, std::vector<Record>& to) {
  in.tuple(2);
  to.clear();
  for (auto left = in.array(); left > 0 && in.ok(); --left)
    unpack(in, to.emplace_back());
  std::vector<std::optional<shard_key>> keys;
  unpack(in, keys);
  if (!keys.empty() && keys.size() != to.size())
    return in.fail("not a key for each record");
  for (std::size_t i = 0; i < keys.size(); ++i)
    record_in(to[i]).key = std::move(keys[i]);
}

static void pack(packer& out, const std::vector<scored_record>& from) {
  pack_with_keys(out, from);
}

static void unpack(unpacker& in, std::vector<scored_record>& to) {
  unpack_with_keys(in, to);
}

static void pack(packer& out, const std::vector<record>& from) {
  pack_with_keys(out, from);
}

static void unpack(unpacker& in, std::vector<record>& to) {
  unpack_with_keys(in, to);
}

static void pack(packer& out, const client::reply& from) {
  pack_union(out, from);
}

static void unpack(unpacker& in, client::reply& to) {
  unpack_union(in, to);
}

static void pack(packer& out, const client::collection_news& from) {
  out.array(5);
  out.str(from.collection);
  out.boolean(from.exists);
  out.u64(from.id);
  out.u64(from.version);
  pack(out, from.written);
}

static void unpack(unpacker& in, client::collection_news& to) {
  in.tuple(5);
  unpack(in, to.collection);
  unpack(in, to.exists);
  unpack(in, to.id);
  unpack(in, to.version);
  unpack(in, to.written);
}

} // namespace grape::codec

namespace grape::client {

namespace {

constexpr char request_version = 7;
constexpr char reply_version = 4;
constexpr char news_version = 1;

} // namespace

std::string encode(const request& of) {
  return codec::packed_as(request_version, of);
}

std::string encode(const reply& of) {
  return codec::packed_as(reply_version, of);
}

std::string encode(const collection_news& of) {
  return codec::packed_as(news_version, of);
}

outcome<request> decode_request(std::string_view bytes) {
  auto read = codec::unpacked_as<request>(request_version, bytes, "a client's request");
  if (read && !codec::has_only_utf8(bytes.substr(1))) // Behind the version.
    return status{errc::invalid, "a text of the request is not UTF-8"};
  return read;
}

outcome<reply> decode_reply(std::string_view bytes) {
  return codec::unpacked_as<reply>(reply_version, bytes, "the answer to a client");
}

outcome<collection_news> decode_news(std::string_view bytes) {
  return codec::unpacked_as<collection_news>(news_version, bytes, "news for a client");
}

} // namespace grape::client
