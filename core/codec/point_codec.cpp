#include "core/codec/pack_parts.hpp"
#include "core/codec/request_codec.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace grape::codec {

namespace {

static_assert(std::endian::native == std::endian::little,
              "vectors are stored as the little-endian memory they are");

template <class T>
std::string_view memory_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

template <class T>
void unpack_memory(unpacker& in, std::vector<T>& to) {
  const auto bytes = in.bin();
  if (bytes.size() % sizeof(T) != 0)
    return in.fail("a component is cut");
  to.resize(bytes.size() / sizeof(T));
  if (!bytes.empty())
    std::memcpy(to.data(), bytes.data(), bytes.size());
}

bool is_well_formed(const sparse_vector& of) {
  return of.indices.size() == of.values.size()
         && std::adjacent_find(of.indices.begin(), of.indices.end(), std::greater_equal<>{})
              == of.indices.end();
}

void unpack_rows(unpacker& in, multi_vector& to) {
  to.dimension = static_cast<std::uint32_t>(in.u64(0xffff'ffff));
  unpack_memory(in, to.values);
  if (to.dimension == 0 || to.values.empty() || to.values.size() % to.dimension != 0)
    in.fail("not a multivector");
}

void unpack_containers(unpacker& in, payload::value& to) {
  if (!in.enter())
    return;
  if (in.peek() == unpacker::kind::array)
    unpack(in, *(to = payload::value(payload::array{})).as_array());
  else
    unpack(in, *(to = payload::value(payload::object{})).as_object());
  in.leave();
}

} // namespace

void pack(packer& out, const payload::value& from) {
  if (from.is_null())
    out.nil();
  else if (const auto* boolean = from.as_bool())
    out.boolean(*boolean);
  else if (const auto* integer = from.as_int())
    out.i64(*integer);
  else if (const auto* big = from.as_big())
    out.u64(*big);
  else if (const auto* floating = from.as_double())
    out.f64(*floating);
  else if (const auto* text = from.as_string())
    out.str(*text);
  else if (const auto* list = from.as_array())
    pack(out, *list);
  else
    pack(out, *from.as_object());
}

void unpack(unpacker& in, payload::value& to) {
  using kind = unpacker::kind;
  switch (in.peek()) {
  case kind::nil: in.nil(); to = {}; return;
  case kind::boolean: to = payload::value(in.boolean()); return;
  case kind::unsigned_integer: to = payload::value(in.u64()); return;
  case kind::signed_integer: to = payload::value(in.i64()); return;
  case kind::f64: to = payload::value(in.f64()); return;
  case kind::str: to = payload::value(std::string(in.str())); return;
  case kind::array:
  case kind::map: return unpack_containers(in, to);
  case kind::f32:
  case kind::bin:
  case kind::unknown:
  case kind::end: return in.fail("not a payload value");
  }
}

void pack(packer& out, const payload::object& from) {
  out.map(from.size());
  for (const auto& [key, value] : from) {
    out.str(key);
    pack(out, value);
  }
}

void unpack(unpacker& in, payload::object& to) {
  to = {};
  std::string_view before;
  for (auto left = in.map(); left > 0 && in.ok(); --left) {
    const auto key = in.str();
    if (!to.empty() && key <= before)
      return in.fail("keys out of order");
    unpack(in, to.set(std::string(key), {}));
    before = key;
  }
}

void pack(packer& out, const point_id& from) {
  if (from.is_number())
    return out.u64(from.number());
  const auto& bytes = from.name().bytes;
  out.bin({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void unpack(unpacker& in, point_id& to) {
  if (in.peek() != unpacker::kind::bin) {
    to = point_id(in.u64());
    return;
  }
  const auto bytes = in.bin();
  uuid name;
  if (bytes.size() != name.bytes.size())
    return in.fail("not a point id");
  std::memcpy(name.bytes.data(), bytes.data(), bytes.size());
  to = point_id(name);
}

void pack(packer& out, const std::vector<point_id>& from) {
  pack<point_id>(out, from);
}

void unpack(unpacker& in, std::vector<point_id>& to) {
  unpack<point_id>(in, to);
}

void pack(packer& out, const vector_value& from) {
  if (const auto* dense = std::get_if<dense_vector>(&from))
    return out.bin(memory_of(*dense));
  out.array(2);
  if (const auto* multi = std::get_if<multi_vector>(&from)) {
    out.u64(multi->dimension);
    return out.bin(memory_of(multi->values));
  }
  const auto& sparse = std::get<sparse_vector>(from);
  out.bin(memory_of(sparse.indices));
  out.bin(memory_of(sparse.values));
}

void unpack(unpacker& in, vector_value& to) {
  if (in.peek() == unpacker::kind::bin)
    return unpack_memory(in, to.emplace<dense_vector>());
  in.tuple(2);
  if (in.peek() == unpacker::kind::unsigned_integer)
    return unpack_rows(in, to.emplace<multi_vector>());
  auto& sparse = to.emplace<sparse_vector>();
  unpack_memory(in, sparse.indices);
  unpack_memory(in, sparse.values);
  if (!is_well_formed(sparse))
    in.fail("not a sparse vector");
}

void pack(packer& out, const named_vectors& from) {
  out.map(from.size());
  for (const auto& [name, value] : from) {
    out.str(name);
    pack(out, value);
  }
}

void unpack(unpacker& in, named_vectors& to) {
  to.clear();
  for (auto left = in.map(); left > 0 && in.ok(); --left) {
    const auto name = in.str();
    if (!to.empty() && name <= to.back().name)
      return in.fail("vector names out of order");
    unpack(in, to.emplace_back(named_vector{std::string(name), {}}).value);
  }
}

void pack(packer& out, const point& from) {
  out.array(3);
  pack(out, from.id);
  pack(out, from.vectors);
  pack(out, from.payload);
}

void unpack(unpacker& in, point& to) {
  in.tuple(3);
  unpack(in, to.id);
  unpack(in, to.vectors);
  unpack(in, to.payload);
}

} // namespace grape::codec
