#include "core/codec/pack_parts.hpp"
#include "core/codec/query_codec.hpp"
#include "core/codec/request_codec.hpp"

namespace grape::codec {

// Reached from the templates of pack_parts.hpp, which look in this namespace only.
static void pack(packer& out, const expression& from);
static void unpack(unpacker& in, expression& to);

static void pack(packer& out, const score_variable& from) {
  out.u64(from.prefetch);
}

static void unpack(unpacker& in, score_variable& to) {
  to.prefetch = static_cast<std::size_t>(in.u64());
}

static void pack(packer& out, const payload_variable& from) {
  out.str(from.path);
}

static void unpack(unpacker& in, payload_variable& to) {
  unpack(in, to.path);
}

/// A filter of one condition: conditions alone have no codec of their own.
static void pack(packer& out, const condition_value& from) {
  payload::filter whole;
  whole.must.push_back(from.holds);
  pack(out, whole);
}

static void unpack(unpacker& in, condition_value& to) {
  payload::filter whole;
  unpack(in, whole);
  if (whole.must.size() != 1)
    return in.fail("a formula's condition is one condition");
  to.holds = std::move(whole.must.front());
}

static void pack(packer& out, const geo_distance& from) {
  out.array(3);
  out.f64(from.latitude);
  out.f64(from.longitude);
  out.str(from.path);
}

static void unpack(unpacker& in, geo_distance& to) {
  in.tuple(3);
  unpack(in, to.latitude);
  unpack(in, to.longitude);
  unpack(in, to.path);
}

static void pack(packer& out, const datetime_variable& from) {
  out.str(from.path);
}

static void unpack(unpacker& in, datetime_variable& to) {
  unpack(in, to.path);
}

static void pack(packer& out, const formula_operation& from) {
  out.array(3);
  pack_enum(out, from.kind);
  pack(out, from.operands);
  pack(out, from.by_zero);
}

/// How many operands there must be; 0: any number.
static std::size_t operands_of(arithmetic kind) noexcept {
  switch (kind) {
    case arithmetic::product:
    case arithmetic::sum: return 0;
    case arithmetic::quotient:
    case arithmetic::power: return 2;
    case arithmetic::negative:
    case arithmetic::absolute:
    case arithmetic::square_root:
    case arithmetic::exponential:
    case arithmetic::decimal_logarithm:
    case arithmetic::natural_logarithm: return 1;
  }
  return 0;
}

static void unpack(unpacker& in, formula_operation& to) {
  in.tuple(3);
  unpack_enum(in, to.kind, arithmetic::natural_logarithm);
  unpack(in, to.operands);
  const auto needed = operands_of(to.kind);
  if (needed != 0 && to.operands.size() != needed)
    in.fail("an operation with another number of operands");
  unpack(in, to.by_zero);
}

static void pack(packer& out, const formula_decay& from) {
  out.array(3);
  pack_enum(out, from.shape);
  out.f64(from.lambda);
  pack(out, from.x);
}

static void unpack(unpacker& in, formula_decay& to) {
  in.tuple(3);
  unpack_enum(in, to.shape, decay_shape::gauss);
  unpack(in, to.lambda);
  unpack(in, to.x);
  if (to.x.empty() || to.x.size() > 2)
    in.fail("a decay with another number of operands");
}

static void pack(packer& out, const expression& from) {
  pack_union(out, from.node);
}

static void unpack(unpacker& in, expression& to) {
  if (!in.enter())
    return;
  unpack_union(in, to.node);
  in.leave();
}

void pack(packer& out, const formula& from) {
  out.array(2);
  pack(out, from.score);
  pack(out, from.defaults);
}

void unpack(unpacker& in, formula& to) {
  in.tuple(2);
  unpack(in, to.score);
  unpack(in, to.defaults);
}

} // namespace grape::codec
