#pragma once

#include "core/codec/pack.hpp"
#include "core/request/options.hpp"
#include "core/request/read.hpp"
#include "core/vector/point.hpp"

/// What reads ask for and what comes back, as MessagePack, by the rules of request_codec.hpp.
namespace grape::codec {

void pack(packer& out, float from);
void unpack(unpacker& in, float& to);

void pack(packer& out, const dense_vector& from);
void unpack(unpacker& in, dense_vector& to);

void pack(packer& out, const payload_selector& from);
void unpack(unpacker& in, payload_selector& to);

void pack(packer& out, const vector_selector& from);
void unpack(unpacker& in, vector_selector& to);

void pack(packer& out, const search_params& from);
void unpack(unpacker& in, search_params& to);

void pack(packer& out, const record& from);
void unpack(unpacker& in, record& to);

void pack(packer& out, const scored_record& from);
void unpack(unpacker& in, scored_record& to);

} // namespace grape::codec
