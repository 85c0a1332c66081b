#include "core/shard/question_codec.hpp"

#include "core/codec/pack_parts.hpp"
#include "core/codec/read_codec.hpp"
#include "core/codec/request_codec.hpp"
#include "core/codec/versioned_pack.hpp"
#include "core/shard/query_codec.hpp"

namespace grape::codec {

// Reached from the templates of pack_parts.hpp, which look in this namespace only.
static void pack(packer& out, const shard::ask_queries& from) {
  pack(out, from.queries);
}

static void unpack(unpacker& in, shard::ask_queries& to) {
  unpack(in, to.queries);
}

static void pack(packer& out, const shard::ask_page& from) {
  out.array(5);
  pack(out, from.scroll.from);
  out.u64(from.scroll.limit);
  pack(out, from.scroll.filter);
  pack(out, from.scroll.with_payload);
  pack(out, from.scroll.with_vectors);
}

static void unpack(unpacker& in, shard::ask_page& to) {
  in.tuple(5);
  unpack(in, to.scroll.from);
  unpack(in, to.scroll.limit);
  unpack(in, to.scroll.filter);
  unpack(in, to.scroll.with_payload);
  unpack(in, to.scroll.with_vectors);
}

static void pack(packer& out, const shard::ask_count& from) {
  pack(out, from.filter);
}

static void unpack(unpacker& in, shard::ask_count& to) {
  unpack(in, to.filter);
}

static void pack(packer& out, const shard::ask_records& from) {
  out.array(3);
  pack(out, from.ids);
  pack(out, from.with_payload);
  pack(out, from.with_vectors);
}

static void unpack(unpacker& in, shard::ask_records& to) {
  in.tuple(3);
  unpack(in, to.ids);
  unpack(in, to.with_payload);
  unpack(in, to.with_vectors);
}

static void pack(packer& out, const shard::ask_missing& from) {
  pack(out, from.ids);
}

static void unpack(unpacker& in, shard::ask_missing& to) {
  unpack(in, to.ids);
}

static void pack(packer& out, const shard::ask_figures&) {
  out.array(0);
}

static void unpack(unpacker& in, shard::ask_figures&) {
  in.tuple(0);
}

static void pack(packer& out, const shard::term_question& from) {
  out.array(3);
  out.str(from.vector_name);
  pack(out, from.indices);
  pack(out, from.corpus);
}

static void unpack(unpacker& in, shard::term_question& to) {
  in.tuple(3);
  unpack(in, to.vector_name);
  unpack(in, to.indices);
  unpack(in, to.corpus);
}

static void pack(packer& out, const shard::ask_terms& from) {
  pack(out, from.about);
}

static void unpack(unpacker& in, shard::ask_terms& to) {
  unpack(in, to.about);
}

static void pack(packer& out, const shard::term_counts& from) {
  out.array(2);
  out.u64(from.vectors);
  pack(out, from.with_index);
}

static void unpack(unpacker& in, shard::term_counts& to) {
  in.tuple(2);
  unpack(in, to.vectors);
  unpack(in, to.with_index);
}

static void pack(packer& out, const shard::shard_terms& from) {
  pack(out, from.counts);
}

static void unpack(unpacker& in, shard::shard_terms& to) {
  unpack(in, to.counts);
}

static void pack(packer& out, const shard::ask_facet& from) {
  out.array(4);
  out.str(from.key);
  pack(out, from.filter);
  out.u64(from.limit);
  out.boolean(from.alone);
}

static void unpack(unpacker& in, shard::ask_facet& to) {
  in.tuple(4);
  unpack(in, to.key);
  unpack(in, to.filter);
  unpack(in, to.limit);
  unpack(in, to.alone);
}

static void pack(packer& out, const facet_hit& from) {
  out.array(2);
  pack_union(out, from.value);
  out.u64(from.count);
}

static void unpack(unpacker& in, facet_hit& to) {
  in.tuple(2);
  unpack_union(in, to.value);
  unpack(in, to.count);
}

static void pack(packer& out, const shard::shard_facet& from) {
  pack(out, from.hits);
}

static void unpack(unpacker& in, shard::shard_facet& to) {
  unpack(in, to.hits);
}

static void pack(packer& out, const shard::shard_hits& from) {
  out.array(4);
  pack(out, from.hits);
  pack(out, from.groups);
  out.u64(from.visited);
  out.str(from.plan);
}

static void unpack(unpacker& in, shard::shard_hits& to) {
  in.tuple(4);
  unpack(in, to.hits);
  unpack(in, to.groups);
  if (!to.groups.empty() && to.groups.size() != to.hits.size())
    in.fail("groups of other hits");
  unpack(in, to.visited);
  unpack(in, to.plan);
}

static void pack(packer& out, const shard::shard_page& from) {
  out.array(2);
  pack(out, from.records);
  pack(out, from.next);
}

static void unpack(unpacker& in, shard::shard_page& to) {
  in.tuple(2);
  unpack(in, to.records);
  unpack(in, to.next);
}

static void pack(packer& out, const shard::shard_count& from) {
  out.u64(from.count);
}

static void unpack(unpacker& in, shard::shard_count& to) {
  unpack(in, to.count);
}

static void pack(packer& out, const shard::shard_records& from) {
  pack(out, from.records);
}

static void unpack(unpacker& in, shard::shard_records& to) {
  unpack(in, to.records);
}

static void pack(packer& out, const shard::shard_missing& from) {
  pack(out, from.ids);
}

static void unpack(unpacker& in, shard::shard_missing& to) {
  unpack(in, to.ids);
}

static void pack(packer& out, const shard::shard_figures& from) {
  out.array(9);
  out.u64(from.points);
  out.u64(from.vectors);
  out.u64(from.indexed_vectors);
  out.u64(from.segments);
  out.u64(from.memory_bytes);
  out.u64(from.mapped_bytes);
  out.u64(from.vector_bytes);
  out.u64(from.payload_bytes);
  pack(out, from.field_points);
}

static void unpack(unpacker& in, shard::shard_figures& to) {
  in.tuple(9);
  unpack(in, to.points);
  unpack(in, to.vectors);
  unpack(in, to.indexed_vectors);
  unpack(in, to.segments);
  unpack(in, to.memory_bytes);
  unpack(in, to.mapped_bytes);
  unpack(in, to.vector_bytes);
  unpack(in, to.payload_bytes);
  unpack(in, to.field_points);
}

static void pack(packer& out, const shard::ask_piece& from) {
  out.bin(from.cursor);
}

static void unpack(unpacker& in, shard::ask_piece& to) {
  to.cursor = in.bin();
}

static void pack(packer& out, const shard::piece_of_state& from) {
  out.array(3);
  out.bin(from.chunk);
  out.bin(from.cursor);
  out.boolean(from.complete);
}

static void unpack(unpacker& in, shard::piece_of_state& to) {
  in.tuple(3);
  to.chunk = in.bin();
  to.cursor = in.bin();
  unpack(in, to.complete);
}

static void pack(packer& out, const shard::question& from) {
  pack_union(out, from);
}

static void unpack(unpacker& in, shard::question& to) {
  unpack_union(in, to);
}

static void pack(packer& out, const shard::answer& from) {
  out.array(4);
  out.u64(from.applied.value);
  pack_union(out, from.body);
  out.boolean(from.indexing);
  pack(out, from.staleness_ms);
}

static void unpack(unpacker& in, shard::answer& to) {
  in.tuple(4);
  unpack(in, to.applied.value);
  unpack_union(in, to.body);
  unpack(in, to.indexing);
  unpack(in, to.staleness_ms);
}

} // namespace grape::codec

namespace grape::shard {

namespace {

constexpr char question_version = 5;
constexpr char answer_version = 5;

} // namespace

std::string encode(const question& of) {
  return codec::packed_as(question_version, of);
}

std::string encode(const answer& of) {
  return codec::packed_as(answer_version, of);
}

outcome<question> decode_question(std::string_view bytes) {
  return codec::unpacked_as<question>(question_version, bytes, "a question to a shard");
}

outcome<answer> decode_answer(std::string_view bytes) {
  return codec::unpacked_as<answer>(answer_version, bytes, "a shard's answer");
}

} // namespace grape::shard
