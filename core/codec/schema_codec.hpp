#pragma once

#include "core/codec/pack.hpp"
#include "core/request/collection.hpp"

/// Collections' options and schemas as MessagePack, by the rules of request_codec.hpp.
namespace grape::codec {

void pack(packer& out, const hnsw_options& from);
void unpack(unpacker& in, hnsw_options& to);

void pack(packer& out, const vector_field& from);
void unpack(unpacker& in, vector_field& to);

void pack(packer& out, const sparse_field& from);
void unpack(unpacker& in, sparse_field& to);

void pack(packer& out, const optimizer_options& from);
void unpack(unpacker& in, optimizer_options& to);

void pack(packer& out, const replication_options& from);
void unpack(unpacker& in, replication_options& to);

void pack(packer& out, const field_schema& from);
void unpack(unpacker& in, field_schema& to);

void pack(packer& out, const collection_options& from);
void unpack(unpacker& in, collection_options& to);

void pack(packer& out, const collection_schema& from);
void unpack(unpacker& in, collection_schema& to);

} // namespace grape::codec
