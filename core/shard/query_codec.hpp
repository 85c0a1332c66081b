#pragma once

#include "core/codec/pack.hpp"
#include "core/shard/query.hpp"

/// What a shard ranks, as MessagePack, for question_codec: its version covers this.
namespace grape::codec {

void pack(packer& out, const shard::shard_query& from);
void unpack(unpacker& in, shard::shard_query& to);

} // namespace grape::codec
