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

static void pack(packer& out, const payload::number_range& from) {
  out.array(4);
  pack(out, from.lt);
  pack(out, from.gt);
  pack(out, from.lte);
  pack(out, from.gte);
}

static void unpack(unpacker& in, payload::number_range& to) {
  in.tuple(4);
  unpack(in, to.lt);
  unpack(in, to.gt);
  unpack(in, to.lte);
  unpack(in, to.gte);
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
