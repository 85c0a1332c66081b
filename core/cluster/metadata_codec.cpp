#include "core/cluster/members_codec.hpp"
#include "core/cluster/metadata.hpp"
#include "core/codec/frame.hpp"
#include "core/codec/pack_id.hpp"
#include "core/codec/request_codec.hpp"
#include "core/codec/schema_codec.hpp"

#include <algorithm>

/// The whole state of the control plane as framed MessagePack.
namespace grape::cluster {

namespace {

using codec::pack;
using codec::pack_id;
using codec::packer;
using codec::unpack;
using codec::unpack_id;
using codec::unpacker;

constexpr std::size_t state_bytes_max = std::size_t{1} << 30;

/// Of the whole state; one from before there were recoveries, or clusters, ends earlier.
constexpr std::size_t fields_now = 9;
constexpr std::size_t fields_with_quota = 10; ///< Where there is one.
constexpr std::size_t fields_without_hidden = 8;
constexpr std::size_t fields_of_one_node = 4;

/// Of a collection; one from before shards could move in ends earlier.
constexpr std::size_t entry_fields_now = 6;
constexpr std::size_t entry_fields_without_homes = 5;
constexpr std::size_t entry_fields_by_keys = 7; ///< Of one that is sharded by keys.

/// The owner of all slots, or four bytes for each as one string: the ring mixes them, so runs of
/// equal owners would be short.
void pack_slots(packer& out, const slot_table& slots) {
  out.u64(slots.version().value);
  const auto& all = slots.owners();
  if (std::equal(all.begin() + 1, all.end(), all.begin()))
    return out.u64(all.front().value);
  std::string owners;
  owners.reserve(all.size() * 4);
  for (const auto owner : all)
    for (int shift = 0; shift < 32; shift += 8)
      owners.push_back(static_cast<char>(owner.value >> shift & 0xff));
  out.bin(owners);
}

slot_table unpack_slots(unpacker& in) {
  const epoch version{in.u64()};
  if (in.peek() == unpacker::kind::unsigned_integer) {
    const shard_id owner{static_cast<std::uint32_t>(in.u64(UINT32_MAX))};
    if (owner == shard_id{0})
      return whole_table(version);
    return {version, std::vector<shard_id>(hash_slots, owner)};
  }
  const auto bytes = in.bin();
  if (bytes.size() != std::size_t{hash_slots} * 4) {
    in.fail("a slot table of another size");
    return {};
  }
  std::vector<shard_id> owners;
  owners.reserve(hash_slots);
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    std::uint32_t owner = 0;
    for (std::size_t byte = 0; byte < 4; ++byte)
      owner |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i + byte]))
               << (8 * byte);
    owners.emplace_back(owner);
  }
  return {version, std::move(owners)};
}

void pack_part(packer& out, const key_shards& part) {
  out.array(5); // The version of the slots, and the slots, count for two.
  pack_slots(out, part.slots);
  out.array(part.shards.size());
  for (const auto shard : part.shards)
    pack_id(out, shard);
  out.u64(part.replication_factor.value_or(0));
  out.array(part.placement.size());
  for (const auto node : part.placement)
    pack_id(out, node);
}

/// Tables that are the same share their memory: there may be a thousand keys.
void share_slots(const collection_entry& of, key_shards& part) {
  for (const auto& [key, other] : of.keys)
    if (&other != &part && other.slots == part.slots) {
      part.slots = other.slots;
      return;
    }
}

void unpack_part(unpacker& in, const collection_entry& of, key_shards& part) {
  in.tuple(5);
  part.slots = unpack_slots(in);
  for (auto left = in.array(); left > 0 && in.ok(); --left) {
    unpack_id(in, part.shards.emplace_back());
    if (!of.groups.contains(part.shards.back()))
      return in.fail("a key with a shard that does not exist");
  }
  if (const auto factor = in.u64(UINT32_MAX); factor > 0)
    part.replication_factor = static_cast<std::uint32_t>(factor);
  for (auto left = in.array(); left > 0 && in.ok(); --left) {
    node_number node;
    unpack_id(in, node);
    part.placement.insert(node);
  }
  for (const auto owner : part.slots.owners())
    if (owner.value >= part.shards.size())
      return in.fail("a slot owned by a shard that its key does not have");
  share_slots(of, part);
}

/// What stands in the place of a slot table and its groups.
void pack_keys(packer& out, const collection_entry& entry) {
  out.nil(); // It has no slots of its own.
  pack_id(out, entry.next_shard);
  out.array(2 * entry.groups.size());
  for (const auto& [shard, group] : entry.groups) {
    pack_id(out, shard);
    pack_id(out, group);
  }
  out.array(2 * entry.keys.size());
  for (const auto& [key, part] : entry.keys) {
    pack(out, key);
    pack_part(out, part);
  }
}

void unpack_keys(unpacker& in, collection_entry& entry) {
  in.nil();
  unpack_id(in, entry.next_shard);
  for (auto left = in.array(); left > 1 && in.ok(); left -= 2) {
    shard_id shard;
    unpack_id(in, shard);
    unpack_id(in, entry.groups[shard]);
  }
  for (auto left = in.array(); left > 1 && in.ok(); left -= 2) {
    shard_key key;
    unpack(in, key);
    unpack_part(in, entry, entry.keys[std::move(key)]);
  }
}

void pack_homes(packer& out, const collection_entry& entry) {
  out.map(entry.moved_in.size());
  for (const auto& [shard, home] : entry.moved_in) {
    out.u64(shard.value);
    out.array(2);
    out.u64(home.collection.value);
    out.u64(home.shard.value);
  }
}

void unpack_homes(unpacker& in, collection_entry& entry) {
  for (auto left = in.map(); left > 0 && in.ok(); --left) {
    shard_id shard;
    unpack_id(in, shard);
    in.tuple(2);
    auto& home = entry.moved_in[shard];
    unpack_id(in, home.collection);
    unpack_id(in, home.shard);
  }
}

void pack_entry(packer& out, const collection_entry& entry) {
  const auto by_keys = is_sharded_by_keys(entry.schema.options);
  out.array(by_keys ? entry_fields_by_keys : entry_fields_now);
  out.u64(entry.id.value);
  pack(out, entry.schema);
  if (by_keys) {
    pack_keys(out, entry);
  } else {
    pack_slots(out, entry.slots);
    out.array(entry.groups.size());
    for (const auto& [shard, group] : entry.groups)
      out.u64(group.value);
  }
  pack_homes(out, entry);
}

void unpack_entry(unpacker& in, collection_entry& entry) {
  const auto fields = in.array();
  if (in.ok() && fields != entry_fields_now && fields != entry_fields_without_homes
      && fields != entry_fields_by_keys)
    return in.fail("a collection of another version");
  unpack_id(in, entry.id);
  unpack(in, entry.schema);
  if (fields == entry_fields_by_keys) {
    unpack_keys(in, entry);
    return unpack_homes(in, entry);
  }
  entry.slots = unpack_slots(in);
  shard_id shard{0};
  for (auto left = in.array(); left > 0 && in.ok(); --left, shard = shard.next())
    unpack_id(in, entry.groups[shard]);
  if (fields == entry_fields_now)
    unpack_homes(in, entry);
  for (const auto owner : entry.slots.owners())
    if (owner.value >= entry.groups.size())
      return in.fail("a slot owned by a shard that does not exist");
}

void pack_hidden(packer& out, const hidden_collection& one) {
  out.array(5);
  pack_entry(out, one.entry);
  out.str(one.target);
  out.u64(one.shard_of.value);
  pack(out, one.by);
  out.boolean(one.was_replaced);
}

void unpack_hidden(unpacker& in, hidden_collection& one) {
  in.tuple(5);
  unpack_entry(in, one.entry);
  one.target = in.str();
  unpack_id(in, one.shard_of);
  unpack(in, one.by);
  one.was_replaced = in.boolean();
}

} // namespace

std::string metadata::encode() const {
  packer out;
  const auto has_quota = quota_ != quota_config{};
  out.array(has_quota ? fields_with_quota : fields_now);
  out.u64(next_collection_.value);
  out.u64(next_group_.value);
  out.map(collections_.size());
  for (const auto& [name, entry] : collections_) {
    out.str(name);
    pack_entry(out, entry);
  }
  out.map(aliases_.size());
  for (const auto& [alias, collection] : aliases_) {
    out.str(alias);
    out.str(collection);
  }
  out.str(cluster_id_);
  out.u64(next_move_.value);
  out.map(nodes_.size());
  for (const auto& [number, node] : nodes_) {
    out.u64(number.value);
    pack(out, node);
  }
  out.array(groups_.size());
  for (const auto& [group, replicas] : groups_)
    pack(out, replicas);
  out.map(hidden_.size());
  for (const auto& [name, one] : hidden_) {
    out.str(name);
    pack_hidden(out, one);
  }
  if (has_quota)
    pack(out, quota_);
  return codec::encode_frame(out.take(), codec::compression::lz4);
}

outcome<metadata> metadata::restore(std::string_view bytes) {
  const auto body = codec::decode_frame(bytes, state_bytes_max);
  if (!body)
    return body.error();
  unpacker in{*body};
  metadata state;
  const auto fields = in.array();
  if (in.ok() && fields != fields_with_quota && fields != fields_now
      && fields != fields_without_hidden && fields != fields_of_one_node)
    in.fail("a state of another version");
  state.next_collection_ = collection_id{static_cast<std::uint32_t>(in.u64(UINT32_MAX))};
  state.next_group_ = group_id{static_cast<std::uint32_t>(in.u64(UINT32_MAX))};
  for (auto left = in.map(); left > 0 && in.ok(); --left) {
    auto name = std::string(in.str());
    unpack_entry(in, state.collections_[std::move(name)]);
  }
  for (auto left = in.map(); left > 0 && in.ok(); --left) {
    auto alias = std::string(in.str());
    state.aliases_[std::move(alias)] = std::string(in.str());
  }
  if (fields >= fields_without_hidden) {
    state.cluster_id_ = in.str();
    state.next_move_ = move_number{in.u64()};
    for (auto left = in.map(); left > 0 && in.ok(); --left) {
      const node_number number{static_cast<std::uint32_t>(in.u64(UINT32_MAX))};
      unpack(in, state.nodes_[number]);
    }
    for (auto left = in.array(); left > 0 && in.ok(); --left) {
      shard_replicas replicas;
      unpack(in, replicas);
      state.groups_[replicas.group] = std::move(replicas);
    }
  }
  for (auto left = fields >= fields_now ? in.map() : 0; left > 0 && in.ok(); --left) {
    auto name = std::string(in.str());
    unpack_hidden(in, state.hidden_[std::move(name)]);
  }
  if (fields == fields_with_quota)
    unpack(in, state.quota_);
  if (auto read = in.finish(); !read.ok())
    return read;
  return state;
}

} // namespace grape::cluster
