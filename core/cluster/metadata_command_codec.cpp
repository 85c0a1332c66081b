#include "core/cluster/members_codec.hpp"
#include "core/cluster/metadata.hpp"
#include "core/codec/frame.hpp"
#include "core/codec/pack_id.hpp"
#include "core/codec/request_codec.hpp"
#include "core/codec/schema_codec.hpp"

/// Commands of the control plane as framed MessagePack.
namespace grape::cluster {

namespace {

using codec::pack;
using codec::pack_id;
using codec::packer;
using codec::unpack;
using codec::unpack_id;
using codec::unpacker;

constexpr std::size_t command_bytes_max = std::size_t{1} << 30;

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

void pack_new_key(packer& out, const add_shard_key& from) {
  out.array(4);
  pack(out, from.key);
  pack_number(out, from.shards);
  pack_number(out, from.replication_factor);
  if (!from.placement)
    return out.nil();
  out.array(from.placement->size());
  for (const auto node : *from.placement)
    pack_id(out, node);
}

void unpack_new_key(unpacker& in, add_shard_key& to) {
  in.tuple(4);
  unpack(in, to.key);
  unpack_number(in, to.shards);
  unpack_number(in, to.replication_factor);
  if (in.peek() == unpacker::kind::nil)
    return in.nil();
  to.placement.emplace();
  for (auto left = in.array(); left > 0 && in.ok(); --left)
    unpack_id(in, to.placement->emplace_back());
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
  void operator()(const found_cluster& c) const {
    out.str(c.cluster_id);
    out.array(c.founders.size());
    for (const auto& founder : c.founders)
      pack(out, founder);
  }
  void operator()(const add_node& c) const { pack(out, c.node); }
  void operator()(const replace_node& c) const { pack(out, c.node); }
  void operator()(const change_node& c) const {
    out.u64(c.number.value);
    out.str(c.peer_address);
    out.str(c.http_address);
    out.u64(c.incarnation);
    if (c.replicas_max != 0)
      out.u64(c.replicas_max);
  }
  void operator()(const set_node_state& c) const {
    out.u64(c.number.value);
    out.u64(static_cast<std::uint64_t>(c.state));
  }
  void operator()(const begin_move& c) const { pack(out, c); }
  void operator()(const advance_move& c) const {
    out.u64(c.group.value);
    out.u64(c.move.value);
    out.u64(static_cast<std::uint64_t>(c.stage));
  }
  void operator()(const end_move& c) const {
    out.u64(c.group.value);
    out.u64(c.move.value);
  }
  void operator()(const stage_collection& c) const {
    out.str(c.target);
    pack_optional(out, c.schema);
    pack(out, c.by);
  }
  void operator()(const swap_collection& c) const {
    out.str(c.hidden);
    if (c.shard)
      out.u64(c.shard->value);
    else
      out.nil();
  }
  void operator()(const drop_hidden& c) const { out.str(c.hidden); }
  void operator()(const end_filling& c) const { out.str(c.hidden); }
  void operator()(const set_vector& c) const {
    out.str(c.name);
    out.str(c.vector);
    if (!c.what)
      return out.nil();
    out.array(2);
    out.u64(c.what->index());
    std::visit([this](const auto& field) { pack(out, field); }, *c.what);
  }
  void operator()(const create_shard_key& c) const {
    out.str(c.name);
    pack_new_key(out, c.what);
  }
  void operator()(const set_quota& c) const { pack(out, c.to); }
  void operator()(const drop_shard_key& c) const {
    out.str(c.name);
    pack(out, c.key);
  }
};

/// Fills a command in, in the order in which `command_packer` wrote it.
struct command_unpacker {
  unpacker& in;

  void operator()(create_collection& c) const {
    c.name = in.str();
    unpack(in, c.options);
  }
  void operator()(update_collection& c) const {
    c.name = in.str();
    unpack_changes(in, c.changes);
  }
  void operator()(delete_collection& c) const { c.name = in.str(); }
  void operator()(change_aliases& c) const {
    for (auto left = in.array(); left > 0 && in.ok(); --left)
      c.actions.push_back(unpack_alias_action(in));
  }
  void operator()(set_field_index& c) const {
    c.name = in.str();
    c.field = in.str();
    unpack_optional(in, c.schema);
  }
  void operator()(found_cluster& c) const {
    c.cluster_id = in.str();
    for (auto left = in.array(); left > 0 && in.ok(); --left)
      unpack(in, c.founders.emplace_back());
  }
  void operator()(add_node& c) const { unpack(in, c.node); }
  void operator()(replace_node& c) const { unpack(in, c.node); }
  void operator()(change_node& c) const {
    c.number = node_number{static_cast<std::uint32_t>(in.u64(UINT32_MAX))};
    c.peer_address = in.str();
    c.http_address = in.str();
    c.incarnation = in.u64();
    if (in.peek() != unpacker::kind::end)
      c.replicas_max = static_cast<std::uint32_t>(in.u64(UINT32_MAX));
  }
  void operator()(set_node_state& c) const {
    c.number = node_number{static_cast<std::uint32_t>(in.u64(UINT32_MAX))};
    c.state = static_cast<node_state>(in.u64(static_cast<std::uint64_t>(node_state::removed)));
  }
  void operator()(begin_move& c) const { unpack(in, c); }
  void operator()(advance_move& c) const {
    c.group = group_id{static_cast<std::uint32_t>(in.u64(UINT32_MAX))};
    c.move = move_number{in.u64()};
    c.stage = static_cast<move_stage>(in.u64(static_cast<std::uint64_t>(move_stage::undoing)));
  }
  void operator()(end_move& c) const {
    c.group = group_id{static_cast<std::uint32_t>(in.u64(UINT32_MAX))};
    c.move = move_number{in.u64()};
  }
  void operator()(stage_collection& c) const {
    c.target = in.str();
    unpack_optional(in, c.schema);
    unpack(in, c.by);
  }
  void operator()(swap_collection& c) const {
    c.hidden = in.str();
    if (in.peek() == unpacker::kind::nil)
      in.nil();
    else
      c.shard = shard_id{static_cast<std::uint32_t>(in.u64(UINT32_MAX))};
  }
  void operator()(drop_hidden& c) const { c.hidden = in.str(); }
  void operator()(end_filling& c) const { c.hidden = in.str(); }
  void operator()(set_vector& c) const {
    c.name = in.str();
    c.vector = in.str();
    if (in.peek() == unpacker::kind::nil)
      return in.nil();
    in.tuple(2);
    if (in.u64(1) == 0)
      unpack(in, std::get<vector_field>(c.what.emplace(vector_field{})));
    else
      unpack(in, std::get<sparse_field>(c.what.emplace(sparse_field{})));
  }
  void operator()(create_shard_key& c) const {
    c.name = in.str();
    unpack_new_key(in, c.what);
  }
  void operator()(set_quota& c) const { unpack(in, c.to); }
  void operator()(drop_shard_key& c) const {
    c.name = in.str();
    unpack(in, c.key);
  }
};

/// The alternative of number `kind`, empty.
template <std::size_t I = 0>
metadata_command command_of(std::size_t kind) {
  if constexpr (I + 1 < std::variant_size_v<metadata_command>) {
    if (kind != I)
      return command_of<I + 1>(kind);
  }
  return metadata_command{std::in_place_index<I>};
}

} // namespace

std::string encode(const metadata_command& of) {
  packer out;
  out.u64(of.index());
  std::visit(command_packer{out}, of);
  return codec::encode_frame(out.take(), codec::compression::none);
}

outcome<metadata_command> decode_metadata_command(std::string_view bytes) {
  const auto body = codec::decode_frame(bytes, command_bytes_max);
  if (!body)
    return body.error();
  unpacker in{*body};
  auto command = command_of(in.u64(std::variant_size_v<metadata_command> - 1));
  std::visit(command_unpacker{in}, command);
  if (auto read = in.finish(); !read.ok())
    return read;
  return command;
}

} // namespace grape::cluster
