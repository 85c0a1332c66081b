#include "core/codec/query_codec.hpp"

#include "core/codec/pack_parts.hpp"
#include "core/codec/read_codec.hpp"
#include "core/codec/request_codec.hpp"

namespace grape::codec {

// Reached from the templates of pack_parts.hpp, which look in this namespace only.
static void pack(packer& out, const vector_input& from) {
  pack_union(out, from);
}

static void unpack(unpacker& in, vector_input& to) {
  unpack_union(in, to);
}

static void pack(packer& out, const mmr_options& from) {
  out.array(2);
  out.f32(from.diversity);
  pack(out, from.candidates_limit);
}

static void unpack(unpacker& in, mmr_options& to) {
  in.tuple(2);
  unpack(in, to.diversity);
  unpack(in, to.candidates_limit);
}

static void pack(packer& out, const nearest_query& from) {
  out.array(2);
  pack(out, from.target);
  pack(out, from.mmr);
}

static void unpack(unpacker& in, nearest_query& to) {
  in.tuple(2);
  unpack(in, to.target);
  unpack(in, to.mmr);
}

static void pack(packer& out, const recommend_query& from) {
  out.array(3);
  pack(out, from.positive);
  pack(out, from.negative);
  pack_enum(out, from.strategy);
}

static void unpack(unpacker& in, recommend_query& to) {
  in.tuple(3);
  unpack(in, to.positive);
  unpack(in, to.negative);
  unpack_enum(in, to.strategy, recommend_strategy::sum_scores);
  if (to.positive.empty()
      && (to.negative.empty() || to.strategy == recommend_strategy::average_vector))
    in.fail("no example");
}

static void pack(packer& out, const context_pair& from) {
  out.array(2);
  pack(out, from.positive);
  pack(out, from.negative);
}

static void unpack(unpacker& in, context_pair& to) {
  in.tuple(2);
  unpack(in, to.positive);
  unpack(in, to.negative);
}

static void pack(packer& out, const discover_query& from) {
  out.array(2);
  pack(out, from.target);
  pack(out, from.context);
}

static void unpack(unpacker& in, discover_query& to) {
  in.tuple(2);
  unpack(in, to.target);
  unpack(in, to.context);
}

static void pack(packer& out, const context_query& from) {
  pack(out, from.context);
}

static void unpack(unpacker& in, context_query& to) {
  unpack(in, to.context);
}

static void pack(packer& out, const order_value& from) {
  pack_union(out, from);
}

static void unpack(unpacker& in, order_value& to) {
  unpack_union(in, to);
}

void pack(packer& out, const order_by& from) {
  out.array(3);
  out.str(from.key);
  out.boolean(from.descending);
  pack(out, from.start_from);
}

void unpack(unpacker& in, order_by& to) {
  in.tuple(3);
  unpack(in, to.key);
  unpack(in, to.descending);
  unpack(in, to.start_from);
}

static void pack(packer& out, const order_by_query& from) {
  pack(out, from.order);
}

static void unpack(unpacker& in, order_by_query& to) {
  unpack(in, to.order);
}

static void pack(packer& out, const rrf_fusion& from) {
  out.array(2);
  out.u64(from.k);
  pack(out, from.weights);
}

static void unpack(unpacker& in, rrf_fusion& to) {
  in.tuple(2);
  unpack(in, to.k);
  if (to.k == 0)
    in.fail("a k of 0");
  unpack(in, to.weights);
}

static void pack(packer& out, const dbsf_fusion&) {
  out.array(0);
}

static void unpack(unpacker& in, dbsf_fusion&) {
  in.tuple(0);
}

static void pack(packer& out, const linear_fusion& from) {
  pack(out, from.weights);
}

static void unpack(unpacker& in, linear_fusion& to) {
  unpack(in, to.weights);
}

static void pack(packer& out, const normalised_fusion& from) {
  pack(out, from.weights);
}

static void unpack(unpacker& in, normalised_fusion& to) {
  unpack(in, to.weights);
}

static void pack(packer& out, const learned_fusion& from) {
  out.array(2);
  pack(out, from.weights);
  out.f32(from.bias);
}

static void unpack(unpacker& in, learned_fusion& to) {
  in.tuple(2);
  unpack(in, to.weights);
  unpack(in, to.bias);
}

static void pack(packer& out, const adaptive_fusion&) {
  out.array(0);
}

static void unpack(unpacker& in, adaptive_fusion&) {
  in.tuple(0);
}

static void pack(packer& out, const fusion_query& from) {
  out.array(2);
  pack_union(out, from.by);
  out.boolean(from.rescore);
}

static void unpack(unpacker& in, fusion_query& to) {
  in.tuple(2);
  unpack_union(in, to.by);
  unpack(in, to.rescore);
}

static void pack(packer& out, const formula_query& from) {
  pack(out, from.by);
}

static void unpack(unpacker& in, formula_query& to) {
  unpack(in, to.by);
}

static void pack(packer& out, const sample_query& from) {
  out.u64(from.seed);
}

static void unpack(unpacker& in, sample_query& to) {
  unpack(in, to.seed);
}

static void pack(packer& out, const feedback_item& from) {
  out.array(2);
  pack(out, from.example);
  out.f32(from.score);
}

static void unpack(unpacker& in, feedback_item& to) {
  in.tuple(2);
  unpack(in, to.example);
  unpack(in, to.score);
}

static void pack(packer& out, const relevance_feedback_query& from) {
  out.array(5);
  pack(out, from.target);
  pack(out, from.feedback);
  out.f32(from.a);
  out.f32(from.b);
  out.f32(from.c);
}

static void unpack(unpacker& in, relevance_feedback_query& to) {
  in.tuple(5);
  unpack(in, to.target);
  unpack(in, to.feedback);
  unpack(in, to.a);
  unpack(in, to.b);
  unpack(in, to.c);
}

static void pack(packer& out, const query_kind& from) {
  pack_union(out, from);
}

static void unpack(unpacker& in, query_kind& to) {
  unpack_union(in, to);
}

static void pack(packer& out, const lookup_location& from) {
  out.array(3);
  out.str(from.collection);
  pack(out, from.vector);
  pack(out, from.keys);
}

static void unpack(unpacker& in, lookup_location& to) {
  in.tuple(3);
  unpack(in, to.collection);
  unpack(in, to.vector);
  unpack(in, to.keys);
}

void pack(packer& out, const query_part& from) {
  out.array(8);
  pack(out, from.prefetches);
  pack(out, from.query);
  out.str(from.vector_name);
  pack(out, from.filter);
  pack(out, from.params);
  pack(out, from.score_threshold);
  out.u64(from.limit);
  pack(out, from.lookup_from);
}

void unpack(unpacker& in, query_part& to) {
  if (!in.enter())
    return;
  in.tuple(8);
  unpack(in, to.prefetches);
  unpack(in, to.query);
  unpack(in, to.vector_name);
  unpack(in, to.filter);
  unpack(in, to.params);
  if (to.params.hnsw_ef == 0u)
    in.fail("an ef of 0");
  unpack(in, to.score_threshold);
  unpack(in, to.limit);
  if (to.limit == 0)
    in.fail("a limit of 0");
  unpack(in, to.lookup_from);
  in.leave();
}

} // namespace grape::codec
