#include "core/cluster/metadata.hpp"
#include "core/codec/frame.hpp"
#include "core/codec/request_codec.hpp"
#include "core/codec/schema_codec.hpp"

/// Commands and the whole state of the control plane as framed MessagePack.
namespace grape::cluster {

namespace {

using codec::pack;
using codec::packer;
using codec::unpack;
using codec::unpacker;

constexpr std::size_t state_bytes_max = std::size_t{1} << 30;

void pack_slots(packer& out, const slot_table& slots) {
  out.u64(slots.epoch.value);
  // Runs of equal owners would be rare (the ring mixes), so: four bytes an owner, as one string.
  std::string owners;
  owners.reserve(slots.owners.size() * 4);
  for (const auto owner : slots.owners)
    for (int shift = 0; shift < 32; shift += 8)
      owners.push_back(static_cast<char>(owner.value >> shift & 0xff));
  out.bin(owners);
}

void unpack_slots(unpacker& in, slot_table& slots) {
  slots.epoch = epoch{in.u64()};
  const auto owners = in.bin();
  if (in.ok() && owners.size() != std::size_t{hash_slots} * 4)
    return in.fail("a slot table of another size");
  for (std::size_t i = 0; i < owners.size(); i += 4) {
    std::uint32_t owner = 0;
    for (std::size_t byte = 0; byte < 4; ++byte)
      owner |= static_cast<std::uint32_t>(static_cast<unsigned char>(owners[i + byte]))
               << (8 * byte);
    slots.owners.emplace_back(owner);
  }
}

void pack_entry(packer& out, const collection_entry& entry) {
  out.array(5);
  out.u64(entry.id.value);
  pack(out, entry.schema);
  pack_slots(out, entry.slots);
  out.array(entry.groups.size());
  for (const auto group : entry.groups)
    out.u64(group.value);
}

void unpack_entry(unpacker& in, collection_entry& entry) {
  in.tuple(5);
  entry.id = collection_id{static_cast<std::uint32_t>(in.u64(UINT32_MAX))};
  unpack(in, entry.schema);
  unpack_slots(in, entry.slots);
  for (auto left = in.array(); left > 0 && in.ok(); --left)
    entry.groups.emplace_back(static_cast<std::uint32_t>(in.u64(UINT32_MAX)));
  for (const auto owner : entry.slots.owners)
    if (owner.value >= entry.groups.size())
      return in.fail("a slot owned by a shard that does not exist");
}

template <class T>
void pack_optional(packer& out, const std::optional<T>& from) {
  if (from)
    pack(out, *from);
  else
    out.nil();
}

template <class T>
void unpack_optional(unpacker& in, std::optional<T>& to) {
  if (in.peek() == unpacker::kind::nil)
    in.nil();
  else
    unpack(in, to.emplace());
}

template <class Map>
void pack_map(packer& out, const Map& from) {
  out.map(from.size());
  for (const auto& [name, content] : from) {
    out.str(name);
    pack(out, content);
  }
}

template <class Map>
void unpack_map(unpacker& in, Map& to) {
  for (auto left = in.map(); left > 0 && in.ok(); --left) {
    auto name = std::string(in.str());
    unpack(in, to[std::move(name)]);
  }
}

void pack_number(packer& out, const std::optional<std::uint32_t>& from) {
  if (from)
    out.u64(*from);
  else
    out.nil();
}

void unpack_number(unpacker& in, std::optional<std::uint32_t>& to) {
  if (in.peek() == unpacker::kind::nil)
    in.nil();
  else
    to = static_cast<std::uint32_t>(in.u64(UINT32_MAX));
}

void pack_changes(packer& out, const collection_changes& from) {
  out.array(11);
  pack_map(out, from.vectors);
  pack_optional(out, from.hnsw);
  pack_optional(out, from.optimizers);
  pack_number(out, from.replication_factor);
  pack_number(out, from.write_consistency_factor);
  if (from.on_disk_payload)
    out.boolean(*from.on_disk_payload);
  else
    out.nil();
  pack(out, from.echoed_params);
  pack_map(out, from.sparse_vectors);
  pack_optional(out, from.quantization);
  pack_optional(out, from.strict_mode);
  pack_optional(out, from.metadata);
}

void unpack_changes(unpacker& in, collection_changes& to) {
  in.tuple(11);
  unpack_map(in, to.vectors);
  unpack_optional(in, to.hnsw);
  unpack_optional(in, to.optimizers);
  unpack_number(in, to.replication_factor);
  unpack_number(in, to.write_consistency_factor);
  if (in.peek() == unpacker::kind::nil)
    in.nil();
  else
    to.on_disk_payload = in.boolean();
  unpack(in, to.echoed_params);
  unpack_map(in, to.sparse_vectors);
  unpack_optional(in, to.quantization);
  unpack_optional(in, to.strict_mode);
  unpack_optional(in, to.metadata);
}

void pack_alias_action(packer& out, const alias_action& from) {
  out.array(3);
  out.u64(from.index());
  if (const auto* create = std::get_if<create_alias>(&from)) {
    out.str(create->collection);
    out.str(create->alias);
  } else if (const auto* remove = std::get_if<delete_alias>(&from)) {
    out.str(remove->alias);
    out.nil();
  } else {
    const auto& rename = std::get<rename_alias>(from);
    out.str(rename.from);
    out.str(rename.to);
  }
}

alias_action unpack_alias_action(unpacker& in) {
  in.tuple(3);
  const auto kind = in.u64(2);
  auto first = std::string(in.str());
  if (kind == 1) {
    in.nil();
    return delete_alias{std::move(first)};
  }
  auto second = std::string(in.str());
  if (kind == 0)
    return create_alias{std::move(first), std::move(second)};
  return rename_alias{std::move(first), std::move(second)};
}

struct command_packer {
  packer& out;

  void operator()(const create_collection& c) const {
    out.str(c.name);
    pack(out, c.options);
  }
  void operator()(const update_collection& c) const {
    out.str(c.name);
    pack_changes(out, c.changes);
  }
  void operator()(const delete_collection& c) const { out.str(c.name); }
  void operator()(const change_aliases& c) const {
    out.array(c.actions.size());
    for (const auto& action : c.actions)
      pack_alias_action(out, action);
  }
  void operator()(const set_field_index& c) const {
    out.str(c.name);
    out.str(c.field);
    pack_optional(out, c.schema);
  }
};

metadata_command unpack_command(unpacker& in, std::uint64_t kind) {
  if (kind == 3) {
    change_aliases command;
    for (auto left = in.array(); left > 0 && in.ok(); --left)
      command.actions.push_back(unpack_alias_action(in));
    return command;
  }
  auto name = std::string(in.str());
  if (kind == 0) {
    create_collection command{std::move(name), {}};
    unpack(in, command.options);
    return command;
  }
  if (kind == 1) {
    update_collection command{std::move(name), {}};
    unpack_changes(in, command.changes);
    return command;
  }
  if (kind == 2)
    return delete_collection{std::move(name)};
  set_field_index command{std::move(name), std::string(in.str()), {}};
  unpack_optional(in, command.schema);
  return command;
}

} // namespace

std::string encode(const metadata_command& of) {
  packer out;
  out.u64(of.index());
  std::visit(command_packer{out}, of);
  return codec::encode_frame(out.take(), codec::compression::none);
}

outcome<metadata_command> decode_metadata_command(std::string_view bytes) {
  const auto body = codec::decode_frame(bytes, state_bytes_max);
  if (!body)
    return body.error();
  unpacker in{*body};
  const auto kind = in.u64(4);
  auto command = unpack_command(in, kind);
  if (auto read = in.finish(); !read.ok())
    return read;
  return command;
}

std::string metadata::encode() const {
  packer out;
  out.array(4);
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
  return codec::encode_frame(out.take(), codec::compression::lz4);
}

outcome<metadata> metadata::restore(std::string_view bytes) {
  const auto body = codec::decode_frame(bytes, state_bytes_max);
  if (!body)
    return body.error();
  unpacker in{*body};
  metadata state;
  in.tuple(4);
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
  if (auto read = in.finish(); !read.ok())
    return read;
  return state;
}

} // namespace grape::cluster
