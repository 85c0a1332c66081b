#include "core/codec/request_codec.hpp"

#include "core/codec/pack_parts.hpp"

namespace grape::codec {

// Reached from the templates of pack_parts.hpp, which look in this namespace only.
static void pack(packer& out, const upsert_points& from) {
  out.array(3);
  pack(out, from.points);
  pack_enum(out, from.how);
  pack(out, from.only_if);
}

static void unpack(unpacker& in, upsert_points& to) {
  in.tuple(3);
  unpack(in, to.points);
  unpack_enum(in, to.how, upsert_points::mode::update_only);
  unpack(in, to.only_if);
}

static void pack(packer& out, const delete_points& from) {
  pack(out, from.points);
}

static void unpack(unpacker& in, delete_points& to) {
  unpack(in, to.points);
}

static void pack(packer& out, const set_payload& from) {
  out.array(4);
  pack(out, from.payload);
  pack(out, from.points);
  out.boolean(from.overwrite);
  out.str(from.key);
}

static void unpack(unpacker& in, set_payload& to) {
  in.tuple(4);
  unpack(in, to.payload);
  unpack(in, to.points);
  unpack(in, to.overwrite);
  unpack(in, to.key);
}

static void pack(packer& out, const delete_payload& from) {
  out.array(2);
  pack(out, from.keys);
  pack(out, from.points);
}

static void unpack(unpacker& in, delete_payload& to) {
  in.tuple(2);
  unpack(in, to.keys);
  unpack(in, to.points);
}

static void pack(packer& out, const clear_payload& from) {
  pack(out, from.points);
}

static void unpack(unpacker& in, clear_payload& to) {
  unpack(in, to.points);
}

static void pack(packer& out, const point_vectors& from) {
  out.array(2);
  pack(out, from.id);
  pack(out, from.vectors);
}

static void unpack(unpacker& in, point_vectors& to) {
  in.tuple(2);
  unpack(in, to.id);
  unpack(in, to.vectors);
}

static void pack(packer& out, const update_vectors& from) {
  pack(out, from.points);
}

static void unpack(unpacker& in, update_vectors& to) {
  unpack(in, to.points);
}

static void pack(packer& out, const delete_vectors& from) {
  out.array(2);
  pack(out, from.names);
  pack(out, from.points);
}

static void unpack(unpacker& in, delete_vectors& to) {
  in.tuple(2);
  unpack(in, to.names);
  unpack(in, to.points);
}

static void pack(packer& out, const unchanged_points& from) {
  out.array(2);
  pack(out, from.ids);
  out.u64(from.since.value);
}

static void unpack(unpacker& in, unchanged_points& to) {
  in.tuple(2);
  unpack(in, to.ids);
  to.since = log_index{in.u64()};
}

/// Vectors with a condition came later than those without: a number of their own in the union.
struct conditional_vectors {
  update_vectors change;
};

static void pack(packer& out, const conditional_vectors& from) {
  out.array(2);
  pack(out, from.change.points);
  pack(out, *from.change.only_if);
}

static void unpack(unpacker& in, conditional_vectors& to) {
  in.tuple(2);
  unpack(in, to.change.points);
  unpack(in, to.change.only_if.emplace());
}

using packed_operation
    = std::variant<upsert_points, delete_points, set_payload, delete_payload, clear_payload,
                   update_vectors, delete_vectors, conditional_vectors>;

void pack(packer& out, const shard_key& from) {
  std::visit([&out](const auto& key) { pack(out, key); }, from);
}

void unpack(unpacker& in, shard_key& to) {
  if (in.peek() == unpacker::kind::unsigned_integer)
    to = in.u64();
  else
    to = std::string{in.str()};
}

void pack(packer& out, const shard_key_selector& from) {
  out.array(2);
  pack(out, from.keys);
  pack(out, from.fallback);
}

void unpack(unpacker& in, shard_key_selector& to) {
  in.tuple(2);
  unpack(in, to.keys);
  unpack(in, to.fallback);
}

void pack(packer& out, const point_selector& from) {
  pack_union(out, from);
}

void unpack(unpacker& in, point_selector& to) {
  unpack_union(in, to);
}

void pack(packer& out, const write_operation& from) {
  const auto* vectors = std::get_if<update_vectors>(&from);
  if (vectors == nullptr || !vectors->only_if)
    return pack_union(out, from);
  pack_union(out, packed_operation{conditional_vectors{*vectors}});
}

void unpack(unpacker& in, write_operation& to) {
  packed_operation packed;
  unpack_union(in, packed);
  std::visit(
      [&to](auto& content) {
        if constexpr (std::is_same_v<std::decay_t<decltype(content)>, conditional_vectors>)
          to = std::move(content.change);
        else
          to = std::move(content);
      },
      packed);
}

} // namespace grape::codec
