#include "core/codec/pack_parts.hpp"
#include "core/codec/request_codec.hpp"

namespace grape::codec {

// Reached from the templates of pack_parts.hpp, which look in this namespace only.
static void pack(packer& out, const payload::condition& from);
static void unpack(unpacker& in, payload::condition& to);

static void pack(packer& out, const payload::match_value& from) {
  pack_union(out, from.value);
}

static void unpack(unpacker& in, payload::match_value& to) {
  unpack_union(in, to.value);
}

static void pack(packer& out, const payload::match_any& from) {
  pack_union(out, from.values);
}

static void unpack(unpacker& in, payload::match_any& to) {
  unpack_union(in, to.values);
}

static void pack(packer& out, const payload::match_except& from) {
  pack_union(out, from.values);
}

static void unpack(unpacker& in, payload::match_except& to) {
  unpack_union(in, to.values);
}

template <class Bounds>
static void pack_bounds(packer& out, const Bounds& from) {
  out.array(4);
  pack(out, from.lt);
  pack(out, from.gt);
  pack(out, from.lte);
  pack(out, from.gte);
}

template <class Bounds>
static void unpack_bounds(unpacker& in, Bounds& to) {
  in.tuple(4);
  unpack(in, to.lt);
  unpack(in, to.gt);
  unpack(in, to.lte);
  unpack(in, to.gte);
}

static void pack(packer& out, const payload::number_range& from) {
  pack_bounds(out, from);
}

static void unpack(unpacker& in, payload::number_range& to) {
  unpack_bounds(in, to);
}

static void pack(packer& out, const payload::time_range& from) {
  pack_bounds(out, from);
}

static void unpack(unpacker& in, payload::time_range& to) {
  unpack_bounds(in, to);
}

static void pack(packer& out, const payload::values_count& from) {
  pack_bounds(out, from);
}

static void unpack(unpacker& in, payload::values_count& to) {
  unpack_bounds(in, to);
}

static void pack(packer& out, const payload::match_text& from) {
  out.array(2);
  out.str(from.text);
  pack_enum(out, from.wanted);
}

static void unpack(unpacker& in, payload::match_text& to) {
  in.tuple(2);
  unpack(in, to.text);
  unpack_enum(in, to.wanted, payload::text_match::phrase);
}

static void pack(packer& out, const payload::match_prefix& from) {
  out.str(from.prefix);
}

static void unpack(unpacker& in, payload::match_prefix& to) {
  unpack(in, to.prefix);
}

static void pack(packer& out, const payload::match_like& from) {
  out.str(from.pattern);
}

static void unpack(unpacker& in, payload::match_like& to) {
  unpack(in, to.pattern);
}

static void pack(packer& out, const payload::match_fuzzy& from) {
  out.array(2);
  out.str(from.text);
  out.u64(from.edits);
}

static void unpack(unpacker& in, payload::match_fuzzy& to) {
  in.tuple(2);
  unpack(in, to.text);
  to.edits = static_cast<std::uint32_t>(in.u64(payload::match_fuzzy::edits_max));
}

static void pack(packer& out, const payload::geo_point& from) {
  out.array(2);
  out.f64(from.lon);
  out.f64(from.lat);
}

static void unpack(unpacker& in, payload::geo_point& to) {
  in.tuple(2);
  to.lon = in.f64();
  to.lat = in.f64();
}

static void pack(packer& out, const payload::geo_box& from) {
  out.array(2);
  pack(out, from.top_left);
  pack(out, from.bottom_right);
}

static void unpack(unpacker& in, payload::geo_box& to) {
  in.tuple(2);
  unpack(in, to.top_left);
  unpack(in, to.bottom_right);
}

static void pack(packer& out, const payload::geo_radius& from) {
  out.array(2);
  pack(out, from.center);
  out.f64(from.radius);
}

static void unpack(unpacker& in, payload::geo_radius& to) {
  in.tuple(2);
  unpack(in, to.center);
  to.radius = in.f64();
}

static void pack(packer& out, const payload::geo_polygon& from) {
  out.array(2);
  pack(out, from.exterior);
  pack(out, from.interiors);
}

static void unpack(unpacker& in, payload::geo_polygon& to) {
  in.tuple(2);
  unpack(in, to.exterior);
  unpack(in, to.interiors);
}

static void pack(packer& out, const payload::empty_test& from) {
  out.boolean(from.wanted);
}

static void unpack(unpacker& in, payload::empty_test& to) {
  to.wanted = in.boolean();
}

static void pack(packer& out, const payload::null_test& from) {
  out.boolean(from.wanted);
}

static void unpack(unpacker& in, payload::null_test& to) {
  to.wanted = in.boolean();
}

static void pack(packer& out, const payload::field_test& from) {
  pack_union(out, from);
}

static void unpack(unpacker& in, payload::field_test& to) {
  unpack_union(in, to);
}

static void pack(packer& out, const payload::field_condition& from) {
  out.array(2);
  out.str(from.key);
  pack(out, from.tests);
}

static void unpack(unpacker& in, payload::field_condition& to) {
  in.tuple(2);
  unpack(in, to.key);
  unpack(in, to.tests);
}

static void pack(packer& out, const payload::has_id& from) {
  pack(out, from.ids);
}

static void unpack(unpacker& in, payload::has_id& to) {
  unpack(in, to.ids);
}

static void pack(packer& out, const payload::has_vector& from) {
  out.str(from.name);
}

static void unpack(unpacker& in, payload::has_vector& to) {
  unpack(in, to.name);
}

static void pack(packer& out, const payload::slice& from) {
  out.array(2);
  out.u64(from.total);
  out.u64(from.index);
}

static void unpack(unpacker& in, payload::slice& to) {
  in.tuple(2);
  to.total = in.u64();
  to.index = in.u64();
  if (to.index >= to.total)
    in.fail("a slice that does not exist");
}

static void pack(packer& out, const payload::nested& from) {
  out.array(2);
  out.str(from.key);
  pack(out, from.inner);
}

static void unpack(unpacker& in, payload::nested& to) {
  in.tuple(2);
  unpack(in, to.key);
  unpack(in, to.inner);
}

static void pack(packer& out, const payload::min_should& from) {
  out.array(2);
  pack(out, from.conditions);
  out.u64(from.min_count);
}

static void unpack(unpacker& in, payload::min_should& to) {
  in.tuple(2);
  unpack(in, to.conditions);
  to.min_count = in.u64();
}

static void pack(packer& out, const payload::condition& from) {
  pack_union(out, from.test);
}

static void unpack(unpacker& in, payload::condition& to) {
  unpack_union(in, to.test);
}

void pack(packer& out, const payload::filter& from) {
  out.array(4);
  pack(out, from.must);
  pack(out, from.should);
  pack(out, from.must_not);
  pack(out, from.at_least);
}

void unpack(unpacker& in, payload::filter& to) {
  if (!in.enter())
    return;
  in.tuple(4);
  unpack(in, to.must);
  unpack(in, to.should);
  unpack(in, to.must_not);
  unpack(in, to.at_least);
  in.leave();
}

} // namespace grape::codec
