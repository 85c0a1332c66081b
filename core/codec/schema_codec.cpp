#include "core/codec/schema_codec.hpp"

#include "core/codec/pack_parts.hpp"
#include "core/codec/request_codec.hpp"

namespace grape::codec {

void pack(packer& out, const hnsw_options& from) {
  out.array(4);
  pack(out, from.m);
  pack(out, from.ef_construct);
  pack(out, from.full_scan_threshold_kb);
  pack(out, from.echoed);
}

void unpack(unpacker& in, hnsw_options& to) {
  in.tuple(4);
  unpack(in, to.m);
  unpack(in, to.ef_construct);
  unpack(in, to.full_scan_threshold_kb);
  unpack(in, to.echoed);
}

namespace {

// What a field had before it knew datatypes, rows and its birth.
constexpr std::size_t old_vector_field = 4;
constexpr std::size_t vector_field_now = 7;

/// The datatype was among what is only shown.
void take_datatype_from_echo(vector_field& of) {
  const auto* name = of.echoed.find("datatype");
  const auto* text = name != nullptr ? name->as_string() : nullptr;
  if (text == nullptr)
    return;
  for (const auto kind : {vector_datatype::float32, vector_datatype::float16,
                          vector_datatype::turbo4})
    if (to_string(kind) == *text)
      of.datatype = kind;
  of.echoed.erase("datatype");
}

} // namespace

void pack(packer& out, const vector_field& from) {
  out.array(vector_field_now);
  pack(out, from.size);
  pack_enum(out, from.distance);
  pack(out, from.hnsw);
  pack(out, from.echoed);
  out.array(from.datatype ? 1 : 0);
  if (from.datatype)
    pack_enum(out, *from.datatype);
  out.boolean(from.multi);
  out.u64(from.born.value);
}

void unpack(unpacker& in, vector_field& to) {
  const auto count = in.array();
  if (count != old_vector_field && count != vector_field_now)
    in.fail("not a vector field");
  unpack(in, to.size);
  unpack_enum(in, to.distance, metric::manhattan);
  unpack(in, to.hnsw);
  unpack(in, to.echoed);
  if (count == old_vector_field)
    return take_datatype_from_echo(to);
  const auto given = in.array();
  if (given > 1)
    in.fail("more than one datatype");
  if (given == 1)
    unpack_enum(in, to.datatype.emplace(), vector_datatype::turbo4);
  to.multi = in.boolean();
  to.born = schema_version{in.u64()};
}

void pack(packer& out, const sparse_field& from) {
  out.array(3);
  out.array(from.modifier ? 1 : 0);
  if (from.modifier)
    pack_enum(out, *from.modifier);
  pack(out, from.index);
  out.u64(from.born.value);
}

void unpack(unpacker& in, sparse_field& to) {
  if (in.peek() == unpacker::kind::map) {
    payload::object shown; // All of it, before anything of it had a meaning.
    unpack(in, shown);
    if (const auto* index = shown.find("index"); index != nullptr && index->as_object() != nullptr)
      to.index = *index->as_object();
    if (const auto* modifier = shown.find("modifier"); modifier != nullptr)
      to.modifier = *modifier == payload::value{"idf"} ? sparse_modifier::idf
                                                       : sparse_modifier::none;
    return;
  }
  in.tuple(3);
  const auto given = in.array();
  if (given > 1)
    in.fail("more than one modifier");
  if (given == 1)
    unpack_enum(in, to.modifier.emplace(), sparse_modifier::idf);
  unpack(in, to.index);
  to.born = schema_version{in.u64()};
}

void pack(packer& out, const optimizer_options& from) {
  out.array(4);
  pack(out, from.deleted_threshold);
  pack(out, from.vacuum_min_vectors);
  pack(out, from.indexing_threshold_kb);
  pack(out, from.echoed);
}

void unpack(unpacker& in, optimizer_options& to) {
  in.tuple(4);
  unpack(in, to.deleted_threshold);
  unpack(in, to.vacuum_min_vectors);
  unpack(in, to.indexing_threshold_kb);
  unpack(in, to.echoed);
}

void pack(packer& out, const replication_options& from) {
  out.array(3);
  pack_enum(out, from.mode);
  pack(out, from.batch_size);
  pack_enum(out, from.level);
}

void unpack(unpacker& in, replication_options& to) {
  in.tuple(3);
  unpack_enum(in, to.mode, sync_mode::all);
  unpack(in, to.batch_size);
  unpack_enum(in, to.level, read_level::all_replicas);
}

void pack(packer& out, const field_schema& from) {
  out.array(2);
  pack_enum(out, from.type);
  pack(out, from.params);
}

void unpack(unpacker& in, field_schema& to) {
  in.tuple(2);
  unpack_enum(in, to.type, field_type::text);
  unpack(in, to.params);
}

void pack(packer& out, const collection_options& from) {
  out.array(15);
  pack(out, from.vectors);
  pack(out, from.single_unnamed);
  pack(out, from.sparse_vectors);
  pack(out, from.shard_number);
  pack(out, from.replication_factor);
  pack(out, from.write_consistency_factor);
  pack(out, from.on_disk_payload);
  pack(out, from.hnsw);
  pack(out, from.optimizers);
  pack(out, from.replication);
  pack(out, from.echoed_params);
  pack(out, from.wal);
  pack(out, from.quantization);
  pack(out, from.strict_mode);
  pack(out, from.metadata);
}

void unpack(unpacker& in, collection_options& to) {
  in.tuple(15);
  unpack(in, to.vectors);
  unpack(in, to.single_unnamed);
  unpack(in, to.sparse_vectors);
  unpack(in, to.shard_number);
  unpack(in, to.replication_factor);
  unpack(in, to.write_consistency_factor);
  unpack(in, to.on_disk_payload);
  unpack(in, to.hnsw);
  unpack(in, to.optimizers);
  unpack(in, to.replication);
  unpack(in, to.echoed_params);
  unpack(in, to.wal);
  unpack(in, to.quantization);
  unpack(in, to.strict_mode);
  unpack(in, to.metadata);
}

void pack(packer& out, const collection_schema& from) {
  out.array(from.filling ? 4 : 3); // What is whole, as it has always been.
  out.u64(from.version.value);
  pack(out, from.options);
  pack(out, from.fields);
  if (from.filling)
    out.boolean(true);
}

void unpack(unpacker& in, collection_schema& to) {
  const auto fields = in.array();
  if (in.ok() && fields != 3 && fields != 4)
    in.fail("a schema of another version");
  to.version = schema_version{in.u64()};
  unpack(in, to.options);
  unpack(in, to.fields);
  to.filling = fields == 4 && in.boolean();
}

} // namespace grape::codec
