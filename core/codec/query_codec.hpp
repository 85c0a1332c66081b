#pragma once

#include "core/codec/pack.hpp"
#include "core/request/query.hpp"

/// Queries as trees, and the formulas in them, as MessagePack, by the rules of request_codec.hpp.
namespace grape::codec {

void pack(packer& out, const order_by& from);
void unpack(unpacker& in, order_by& to);

void pack(packer& out, const formula& from);
void unpack(unpacker& in, formula& to);

/// Everything a query and its prefetches have, to any depth that a door lets in.
void pack(packer& out, const query_part& from);
void unpack(unpacker& in, query_part& to);

} // namespace grape::codec
