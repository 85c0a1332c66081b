#include "core/cluster/members_codec.hpp"

#include "core/codec/pack_id.hpp"
#include "core/codec/pack_parts.hpp"

namespace grape {

namespace {

constexpr std::uint64_t percent_most = 100;

}

void pack(codec::packer& out, const quota_config& from) {
  out.array(4);
  out.boolean(from.enabled);
  for (const auto& part : {from.memory_max, from.disk_max, from.release_margin})
    part ? out.u64(*part) : out.nil();
}

void unpack(codec::unpacker& in, quota_config& to) {
  in.tuple(4);
  to.enabled = in.boolean();
  for (auto* part : {&to.memory_max, &to.disk_max, &to.release_margin})
    if (in.peek() == codec::unpacker::kind::nil)
      in.nil();
    else
      *part = static_cast<std::uint8_t>(in.u64(percent_most));
}

} // namespace grape

namespace grape::cluster {

using codec::pack_id;
using codec::packer;
using codec::unpack_id;
using codec::unpacker;

namespace {

void pack(packer& out, const std::optional<node_number>& from) {
  if (from)
    pack_id(out, *from);
  else
    out.nil();
}

void unpack(unpacker& in, std::optional<node_number>& to) {
  if (in.peek() == unpacker::kind::nil)
    in.nil();
  else
    unpack_id(in, to.emplace());
}

void pack(packer& out, const replica& from) {
  out.array(3);
  pack_id(out, from.id);
  pack_id(out, from.node);
  codec::pack_enum(out, from.role);
}

void unpack(unpacker& in, replica& to) {
  in.tuple(3);
  unpack_id(in, to.id);
  unpack_id(in, to.node);
  codec::unpack_enum(in, to.role, replica_role::witness);
}

void pack(packer& out, const std::optional<replica>& from) {
  if (from)
    pack(out, *from);
  else
    out.nil();
}

void unpack(unpacker& in, std::optional<replica>& to) {
  if (in.peek() == unpacker::kind::nil)
    in.nil();
  else
    unpack(in, to.emplace());
}

void pack(packer& out, const std::optional<shard_move>& from) {
  if (!from)
    return out.nil();
  out.array(4);
  pack_id(out, from->number);
  pack(out, from->from);
  pack(out, from->to);
  codec::pack_enum(out, from->stage);
}

void unpack(unpacker& in, std::optional<shard_move>& to) {
  if (in.peek() == unpacker::kind::nil)
    return in.nil();
  auto& move = to.emplace();
  in.tuple(4);
  unpack_id(in, move.number);
  unpack(in, move.from);
  unpack(in, move.to);
  codec::unpack_enum(in, move.stage, move_stage::undoing);
  if (in.ok() && !move.from && !move.to)
    in.fail("a move of nothing");
}

constexpr std::size_t node_fields = 6;
constexpr std::size_t node_fields_of_founders = 5; // Nobody asked for their disks.
constexpr std::size_t node_fields_with_room = 7;   // Of those that said what they can hold.

} // namespace

void pack(packer& out, const node_entry& from) {
  out.array(from.replicas_max != 0 ? node_fields_with_room
            : from.disk == 0       ? node_fields_of_founders
                                   : node_fields);
  out.str(from.name);
  out.str(from.peer_address);
  out.str(from.http_address);
  out.u64(from.incarnation);
  codec::pack_enum(out, from.state);
  if (from.disk != 0 || from.replicas_max != 0)
    out.u64(from.disk);
  if (from.replicas_max != 0)
    out.u64(from.replicas_max);
}

void unpack(unpacker& in, node_entry& to) {
  const auto fields = in.array();
  if (in.ok() && fields != node_fields && fields != node_fields_of_founders
      && fields != node_fields_with_room)
    in.fail("a node of another version");
  to.name = in.str();
  to.peer_address = in.str();
  to.http_address = in.str();
  to.incarnation = in.u64();
  codec::unpack_enum(in, to.state, node_state::expected);
  if (fields != node_fields_of_founders)
    to.disk = in.u64();
  if (fields == node_fields_with_room)
    to.replicas_max = static_cast<std::uint32_t>(in.u64(UINT32_MAX));
}

void pack(packer& out, const shard_replicas& from) {
  out.array(!from.by_hand.empty() ? 7 : from.then ? 6 : 5);
  pack_id(out, from.group);
  pack_id(out, from.epoch);
  pack_id(out, from.next);
  out.array(from.replicas.size());
  for (const auto& each : from.replicas)
    pack(out, each);
  pack(out, from.move);
  if (from.then)
    pack(out, *from.then);
  else if (!from.by_hand.empty())
    out.nil();
  if (from.by_hand.empty())
    return;
  out.array(from.by_hand.size());
  for (const auto node : from.by_hand)
    pack_id(out, node);
}

void unpack(unpacker& in, shard_replicas& to) {
  const auto parts = in.array();
  if (parts < 5 || parts > 7)
    return in.fail("a replica set of another length");
  unpack_id(in, to.group);
  unpack_id(in, to.epoch);
  unpack_id(in, to.next);
  for (auto left = in.array(); left > 0 && in.ok(); --left)
    unpack(in, to.replicas.emplace_back());
  unpack(in, to.move);
  if (parts == 7 && in.peek() == unpacker::kind::nil)
    in.nil();
  else if (parts > 5)
    unpack(in, to.then.emplace());
  if (parts < 7)
    return;
  for (auto left = in.array(); left > 0 && in.ok(); --left) {
    node_number node;
    unpack_id(in, node);
    to.by_hand.insert(node);
  }
}

namespace {

constexpr std::size_t step_fields = 4;

void pack_fields(packer& out, const placement_step& from) {
  pack_id(out, from.group);
  pack(out, from.from);
  pack(out, from.to);
  out.boolean(from.witness);
}

void unpack_fields(unpacker& in, placement_step& to) {
  unpack_id(in, to.group);
  unpack(in, to.from);
  unpack(in, to.to);
  to.witness = in.boolean();
}

} // namespace

void pack(packer& out, const placement_step& from) {
  out.array(step_fields);
  pack_fields(out, from);
}

void unpack(unpacker& in, placement_step& to) {
  in.tuple(step_fields);
  unpack_fields(in, to);
}

void pack(packer& out, const begin_move& from) {
  out.array(from.by_hand ? step_fields + 1 : step_fields);
  pack_fields(out, from.step);
  if (from.by_hand)
    out.boolean(true);
}

void unpack(unpacker& in, begin_move& to) {
  const auto fields = in.array();
  if (in.ok() && fields != step_fields && fields != step_fields + 1)
    return in.fail("a move of another version");
  unpack_fields(in, to.step);
  if (fields > step_fields)
    to.by_hand = in.boolean();
}

void pack(codec::packer& out, const recovery_owner& from) {
  out.array(3);
  out.u64(from.node.value);
  out.u64(from.incarnation);
  out.u64(from.number);
}

void unpack(codec::unpacker& in, recovery_owner& to) {
  in.tuple(3);
  to.node = node_number{static_cast<std::uint32_t>(in.u64(UINT32_MAX))};
  to.incarnation = in.u64();
  to.number = in.u64();
}

} // namespace grape::cluster
