#include "core/shard/query_codec.hpp"

#include "core/codec/pack_parts.hpp"
#include "core/codec/query_codec.hpp"
#include "core/codec/read_codec.hpp"
#include "core/codec/request_codec.hpp"

#include <algorithm>

namespace grape::codec {

// Reached from the templates of pack_parts.hpp, which look in this namespace only.
static void pack(packer& out, const shard::rank_by_id&) {
  out.array(0);
}

static void unpack(unpacker& in, shard::rank_by_id&) {
  in.tuple(0);
}

static void pack(packer& out, const shard::rank_nearest& from) {
  pack(out, from.target);
}

static void unpack(unpacker& in, shard::rank_nearest& to) {
  unpack(in, to.target);
}

static void pack(packer& out, const shard::rank_best_score& from) {
  out.array(2);
  pack(out, from.positive);
  pack(out, from.negative);
}

static void unpack(unpacker& in, shard::rank_best_score& to) {
  in.tuple(2);
  unpack(in, to.positive);
  unpack(in, to.negative);
}

static void pack(packer& out, const shard::rank_sum_scores& from) {
  out.array(2);
  pack(out, from.positive);
  pack(out, from.negative);
}

static void unpack(unpacker& in, shard::rank_sum_scores& to) {
  in.tuple(2);
  unpack(in, to.positive);
  unpack(in, to.negative);
}

static void pack(packer& out, const shard::vector_pair& from) {
  out.array(2);
  pack(out, from.positive);
  pack(out, from.negative);
}

static void unpack(unpacker& in, shard::vector_pair& to) {
  in.tuple(2);
  unpack(in, to.positive);
  unpack(in, to.negative);
}

static void pack(packer& out, const shard::rank_discover& from) {
  out.array(2);
  pack(out, from.target);
  pack(out, from.pairs);
}

static void unpack(unpacker& in, shard::rank_discover& to) {
  in.tuple(2);
  unpack(in, to.target);
  unpack(in, to.pairs);
}

static void pack(packer& out, const shard::rank_context& from) {
  pack(out, from.pairs);
}

static void unpack(unpacker& in, shard::rank_context& to) {
  unpack(in, to.pairs);
}

static void pack(packer& out, const shard::rank_feedback& from) {
  out.array(4);
  pack(out, from.target);
  out.f32(from.a);
  pack(out, from.pairs);
  pack(out, from.weights);
}

static void unpack(unpacker& in, shard::rank_feedback& to) {
  in.tuple(4);
  unpack(in, to.target);
  unpack(in, to.a);
  unpack(in, to.pairs);
  unpack(in, to.weights);
  if (to.weights.size() != to.pairs.size())
    in.fail("a pair without a weight");
}

static void pack(packer& out, const shard::rank_by_value& from) {
  pack(out, from.order);
}

static void unpack(unpacker& in, shard::rank_by_value& to) {
  unpack(in, to.order);
}

static void pack(packer& out, const shard::rank_by_chance& from) {
  out.u64(from.seed);
}

static void unpack(unpacker& in, shard::rank_by_chance& to) {
  unpack(in, to.seed);
}

static void pack(packer& out, const shard::rank_by_formula& from) {
  out.array(2);
  pack(out, from.by);
  pack(out, from.scores);
}

static void unpack(unpacker& in, shard::rank_by_formula& to) {
  in.tuple(2);
  unpack(in, to.by);
  unpack(in, to.scores);
}

static void pack(packer& out, const shard::shard_grouping& from) {
  out.array(4);
  out.str(from.by);
  out.u64(from.size);
  out.u64(from.groups);
  pack(out, from.only);
}

static void unpack(unpacker& in, shard::shard_grouping& to) {
  in.tuple(4);
  unpack(in, to.by);
  unpack(in, to.size);
  unpack(in, to.groups);
  unpack(in, to.only);
}

void pack(packer& out, const shard::shard_query& from) {
  out.array(11);
  pack_union(out, from.by);
  out.str(from.vector_name);
  pack(out, from.filter);
  pack(out, from.among);
  pack(out, from.excluded);
  pack(out, from.params);
  pack(out, from.score_threshold);
  out.u64(from.k);
  pack(out, from.with_payload);
  pack(out, from.with_vectors);
  pack(out, from.grouping);
}

void unpack(unpacker& in, shard::shard_query& to) {
  in.tuple(11);
  unpack_union(in, to.by);
  unpack(in, to.vector_name);
  unpack(in, to.filter);
  unpack(in, to.among);
  if (to.among && !std::is_sorted(to.among->begin(), to.among->end()))
    in.fail("candidates out of order");
  unpack(in, to.excluded);
  if (!std::is_sorted(to.excluded.begin(), to.excluded.end()))
    in.fail("excluded ids out of order");
  unpack(in, to.params);
  unpack(in, to.score_threshold);
  unpack(in, to.k);
  unpack(in, to.with_payload);
  unpack(in, to.with_vectors);
  unpack(in, to.grouping);
  const auto* formula = std::get_if<shard::rank_by_formula>(&to.by);
  if (formula && (!to.among || formula->scores.size() != to.among->size()))
    in.fail("scores of other candidates");
}

} // namespace grape::codec
