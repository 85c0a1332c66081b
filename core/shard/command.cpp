#include "core/shard/command.hpp"

#include "core/codec/frame.hpp"
#include "core/codec/request_codec.hpp"
#include "core/codec/schema_codec.hpp"

#include <algorithm>
#include <limits>

namespace grape::shard {

namespace {

using codec::pack;
using codec::packer;
using codec::unpack;
using codec::unpacker;

// Numbers of the alternatives in the log: append, never renumber.
constexpr std::uint64_t kind_write_points = 0;
constexpr std::uint64_t kind_change_schema = 1;

constexpr std::size_t command_bytes_max = std::size_t{1} << 30;

std::string pack_write(const write_points& write) {
  packer out;
  out.array(3);
  out.u64(kind_write_points);
  out.u64(write.validated_against.value);
  out.array(write.operations.size());
  for (const auto& operation : write.operations)
    pack(out, operation);
  return out.take();
}

std::string pack_schema(const change_schema& change) {
  packer out;
  out.array(3);
  out.u64(kind_change_schema);
  out.u64(change.schema.version.value);
  pack(out, change.schema);
  return out.take();
}

} // namespace

std::string encode(const command& of) {
  const auto* write = std::get_if<write_points>(&of);
  // Vectors do not compress, and text payloads are compressed once by LevelDB's blocks: the log
  // takes the bytes as they are.
  return codec::encode_frame(write ? pack_write(*write) : pack_schema(std::get<change_schema>(of)),
                             codec::compression::none);
}

outcome<command> decode(std::string_view bytes) {
  const auto body = codec::decode_frame(bytes, command_bytes_max);
  if (!body)
    return body.error();
  unpacker in{*body};
  in.tuple(3);
  const auto kind = in.u64(kind_change_schema);
  const schema_version version{in.u64()};
  command result;
  if (kind == kind_write_points) {
    write_points write{version, {}};
    for (auto left = in.array(); left > 0 && in.ok(); --left)
      unpack(in, write.operations.emplace_back());
    result = std::move(write);
  } else {
    change_schema change;
    unpack(in, change.schema);
    if (in.ok() && change.schema.version != version)
      in.fail("a schema of another version than its entry says");
    result = std::move(change);
  }
  if (auto read = in.finish(); !read.ok())
    return read;
  return result;
}

bool takes_room(const command& of) noexcept {
  const auto* write = std::get_if<write_points>(&of);
  return write != nullptr
         && std::any_of(write->operations.begin(), write->operations.end(),
                        [](const write_operation& one) {
                          return std::holds_alternative<upsert_points>(one)
                                 || std::holds_alternative<set_payload>(one)
                                 || std::holds_alternative<update_vectors>(one);
                        });
}

} // namespace grape::shard
