#include "core/shard/write_stamp.hpp"

#include "core/check.hpp"
#include "core/codec/crc32c.hpp"
#include "core/codec/little_endian.hpp"
#include "core/codec/pack.hpp"

namespace grape::shard {

namespace {

// "GS", version, u8 bytes of the record, the record, u32 CRC32C of all before it. A command begins
// with "GF".
constexpr std::string_view magic = "GS";
constexpr char version = 1;
constexpr std::size_t header_bytes = 4;
constexpr std::size_t sum_bytes = 4;

std::string record_of(const write_stamp& from) {
  codec::packer out;
  out.array(8);
  out.u64(from.session.node.value);
  out.u64(from.session.router);
  out.u64(from.session.life.incarnation);
  out.u64(from.session.life.renewal);
  out.u64(from.number);
  out.u64(from.number - from.settled);
  out.u64(from.since.value);
  out.boolean(from.again);
  return out.take();
}

outcome<write_stamp> stamp_of(std::string_view record) {
  codec::unpacker in{record};
  in.tuple(8);
  write_stamp to;
  to.session.node.value = static_cast<std::uint32_t>(in.u64(UINT32_MAX));
  to.session.router = static_cast<std::uint32_t>(in.u64(UINT32_MAX));
  to.session.life.incarnation = in.u64();
  to.session.life.renewal = in.u64();
  to.number = in.u64();
  to.settled = to.number - in.u64(to.number);
  to.since.value = in.u64();
  to.again = in.boolean();
  if (auto read = in.finish(); !read.ok())
    return read;
  return to;
}

status corrupted(const char* why) {
  return {errc::corrupted, std::string("the stamp of a write: ") + why};
}

} // namespace

std::string stamped(const write_stamp& stamp, std::string_view command) {
  const auto record = record_of(stamp);
  GRAPE_CHECK(record.size() < 256);
  std::string entry;
  entry.reserve(header_bytes + record.size() + sum_bytes + command.size());
  entry.append(magic);
  entry.push_back(version);
  entry.push_back(static_cast<char>(record.size()));
  entry.append(record);
  codec::append_little(entry, codec::crc32c(entry));
  entry.append(command);
  return entry;
}

outcome<stamped_command> split_stamp(std::string_view entry) {
  if (!entry.starts_with(magic))
    return stamped_command{{}, entry};
  if (entry.size() < header_bytes)
    return corrupted("its end is missing");
  if (entry[2] != version)
    return status{errc::wrong_version, "the stamp of a write has version "
                                           + std::to_string(static_cast<unsigned char>(entry[2]))
                                           + ", this program reads version "
                                           + std::to_string(version)};
  const std::size_t record_bytes = static_cast<unsigned char>(entry[3]);
  const auto checked_bytes = header_bytes + record_bytes;
  if (entry.size() < checked_bytes + sum_bytes)
    return corrupted("its end is missing");
  const auto sum = codec::crc32c(entry.substr(0, checked_bytes));
  if (codec::read_little<std::uint32_t>(entry.data() + checked_bytes) != sum)
    return corrupted("its checksum does not match");
  auto stamp = stamp_of(entry.substr(header_bytes, record_bytes));
  if (!stamp)
    return std::move(stamp).error();
  return stamped_command{*stamp, entry.substr(checked_bytes + sum_bytes)};
}

} // namespace grape::shard
