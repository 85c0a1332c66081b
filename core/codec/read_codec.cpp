#include "core/codec/read_codec.hpp"

#include "core/codec/pack_parts.hpp"
#include "core/codec/request_codec.hpp"

#include <bit>
#include <cstring>

namespace grape::codec {

static_assert(std::endian::native == std::endian::little, "floats travel as the memory they are");

void pack(packer& out, float from) {
  out.f32(from);
}

void unpack(unpacker& in, float& to) {
  to = in.f32();
}

void pack(packer& out, const dense_vector& from) {
  out.bin({reinterpret_cast<const char*>(from.data()), from.size() * sizeof(float)});
}

void unpack(unpacker& in, dense_vector& to) {
  const auto bytes = in.bin();
  if (bytes.size() % sizeof(float) != 0)
    return in.fail("a component is cut");
  to.resize(bytes.size() / sizeof(float));
  if (!bytes.empty())
    std::memcpy(to.data(), bytes.data(), bytes.size());
}

void pack(packer& out, const payload_selector& from) {
  out.array(2);
  pack_enum(out, from.wanted);
  pack(out, from.paths);
}

void unpack(unpacker& in, payload_selector& to) {
  in.tuple(2);
  unpack_enum(in, to.wanted, payload_selector::mode::exclude);
  unpack(in, to.paths);
}

void pack(packer& out, const vector_selector& from) {
  out.array(2);
  pack_enum(out, from.wanted);
  pack(out, from.names);
}

void unpack(unpacker& in, vector_selector& to) {
  in.tuple(2);
  unpack_enum(in, to.wanted, vector_selector::mode::named);
  unpack(in, to.names);
}

// Reached from the templates of pack_parts.hpp, which look in this namespace only.
static void pack(packer& out, const idf_population& from) {
  pack(out, from.corpus);
}

static void unpack(unpacker& in, idf_population& to) {
  unpack(in, to.corpus);
}

void pack(packer& out, const search_params& from) {
  out.array(7);
  pack(out, from.hnsw_ef);
  out.boolean(from.exact);
  out.boolean(from.indexed_only);
  pack(out, from.idf);
  out.boolean(from.ignore_codes);
  pack(out, from.rescore);
  pack(out, from.oversampling);
}

void unpack(unpacker& in, search_params& to) {
  in.tuple(7);
  unpack(in, to.hnsw_ef);
  unpack(in, to.exact);
  unpack(in, to.indexed_only);
  unpack(in, to.idf);
  unpack(in, to.ignore_codes);
  unpack(in, to.rescore);
  unpack(in, to.oversampling);
  if (to.oversampling && !(*to.oversampling >= 1))
    in.fail("oversampling below 1");
}

static void pack(packer& out, const order_value& from) {
  pack_union(out, from);
}

static void unpack(unpacker& in, order_value& to) {
  unpack_union(in, to);
}

void pack(packer& out, const record& from) {
  out.array(5);
  pack(out, from.id);
  out.u64(from.version);
  pack(out, from.payload);
  pack(out, from.vectors);
  pack(out, from.order);
}

void unpack(unpacker& in, record& to) {
  in.tuple(5);
  unpack(in, to.id);
  unpack(in, to.version);
  unpack(in, to.payload);
  unpack(in, to.vectors);
  unpack(in, to.order);
}

void pack(packer& out, const scored_record& from) {
  out.array(2);
  pack(out, from.point);
  out.f32(from.score);
}

void unpack(unpacker& in, scored_record& to) {
  in.tuple(2);
  unpack(in, to.point);
  unpack(in, to.score);
}

} // namespace grape::codec
