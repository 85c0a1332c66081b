#pragma once

#include "core/cluster/metadata.hpp"
#include "core/codec/pack.hpp"

namespace grape {

void pack(codec::packer& out, const quota_config& from);
void unpack(codec::unpacker& in, quota_config& to);

} // namespace grape

/// Nodes and replica sets as MessagePack; what these bytes mean never changes (golden file).
namespace grape::cluster {

void pack(codec::packer& out, const node_entry& from);
void unpack(codec::unpacker& in, node_entry& to);

void pack(codec::packer& out, const shard_replicas& from);
void unpack(codec::unpacker& in, shard_replicas& to);

void pack(codec::packer& out, const placement_step& from);
void unpack(codec::unpacker& in, placement_step& to);

void pack(codec::packer& out, const begin_move& from);
void unpack(codec::unpacker& in, begin_move& to);

void pack(codec::packer& out, const recovery_owner& from);
void unpack(codec::unpacker& in, recovery_owner& to);

} // namespace grape::cluster
