#pragma once

#include "core/codec/pack.hpp"
#include "core/payload/filter.hpp"
#include "core/payload/value.hpp"
#include "core/request/write.hpp"
#include "core/vector/point.hpp"

#include <vector>

/// Points, payloads, filters and write operations as MessagePack. Each `pack` has an `unpack` that
/// gives back an equal value: integers, floats, nulls and the order of members survive exactly.
/// Dense vectors are binary, four little-endian bytes per component; sparse ones are a pair of
/// binaries, multivectors their dimension and a binary. A failing `unpack` leaves
/// its target valid but unspecified, and the unpacker says why. Records are arrays of fixed
/// length, unions are [number of the alternative, content]: what these bytes mean never changes;
/// whoever stores them puts a version byte in front.
namespace grape::codec {

void pack(packer& out, const payload::value& from);
void unpack(unpacker& in, payload::value& to);

void pack(packer& out, const payload::object& from);
void unpack(unpacker& in, payload::object& to);

/// A string or a number.
void pack(packer& out, const shard_key& from);
void unpack(unpacker& in, shard_key& to);

void pack(packer& out, const shard_key_selector& from);
void unpack(unpacker& in, shard_key_selector& to);

void pack(packer& out, const point_id& from);
void unpack(unpacker& in, point_id& to);

void pack(packer& out, const std::vector<point_id>& from);
void unpack(unpacker& in, std::vector<point_id>& to);

void pack(packer& out, const vector_value& from);
void unpack(unpacker& in, vector_value& to);

void pack(packer& out, const named_vectors& from);
void unpack(unpacker& in, named_vectors& to);

void pack(packer& out, const point& from);
void unpack(unpacker& in, point& to);

void pack(packer& out, const payload::filter& from);
void unpack(unpacker& in, payload::filter& to);

void pack(packer& out, const point_selector& from);
void unpack(unpacker& in, point_selector& to);

void pack(packer& out, const write_operation& from);
void unpack(unpacker& in, write_operation& to);

} // namespace grape::codec
