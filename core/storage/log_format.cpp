#include "core/storage/log_format.hpp"

#include "core/codec/crc32c.hpp"
#include "core/codec/frame.hpp"
#include "core/codec/little_endian.hpp"
#include "core/codec/pack_parts.hpp"

#include <charconv>
#include <limits>

namespace grape::storage::log_format {

namespace {

constexpr std::string_view segment_magic = "GRAPELOG";
constexpr std::string_view name_start = "log-";
constexpr std::string_view name_end = ".log";
constexpr std::size_t name_digits = 16;
constexpr std::size_t manifest_bytes_max = 16u << 20;

using codec::append_little;
using codec::crc32c;
using codec::read_little;

/// The length in front and everything behind the sum itself.
std::uint32_t sum_of(std::string_view record) noexcept {
  return crc32c(record.substr(8), crc32c(record.substr(0, 4)));
}

} // namespace

std::string segment_name(std::uint64_t number) {
  const auto digits = std::to_string(number);
  const auto zeros = name_digits - std::min(name_digits, digits.size());
  return std::string(name_start) + std::string(zeros, '0') + digits + std::string(name_end);
}

std::optional<std::uint64_t> segment_number(std::string_view name) {
  if (!name.starts_with(name_start) || !name.ends_with(name_end))
    return std::nullopt;
  const auto digits = name.substr(name_start.size(), name.size() - name_start.size()
                                                       - name_end.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), number);
  if (error != std::errc{} || end != digits.end() || segment_name(number) != name)
    return std::nullopt;
  return number;
}

std::string segment_header(std::uint64_t number) {
  std::string header(segment_magic);
  append_little(header, version);
  append_little(header, number);
  append_little(header, crc32c(header));
  return header;
}

outcome<std::uint32_t> check_segment_header(std::string_view segment, std::uint64_t number) {
  constexpr auto checked = segment_header_bytes - 4;
  if (segment.size() < segment_header_bytes
      || read_little<std::uint32_t>(segment.data() + checked) != crc32c(segment.substr(0, checked))
      || !segment.starts_with(segment_magic))
    return status{errc::corrupted, "its header is damaged"};
  const auto found = read_little<std::uint32_t>(segment.data() + segment_magic.size());
  if (found < oldest_version || found > version)
    return status{errc::wrong_version, "format version " + std::to_string(found)
                                         + ", this program reads version "
                                         + std::to_string(version)};
  if (read_little<std::uint64_t>(segment.data() + segment_magic.size() + 4) != number)
    return status{errc::corrupted, "its header belongs to another segment"};
  return found;
}

void append_record(std::string& to, const stored_record& record) {
  const auto start = to.size();
  append_little(to, static_cast<std::uint32_t>(record.payload.size()));
  append_little(to, std::uint32_t{0});
  append_little(to, record.group);
  append_little(to, static_cast<std::uint32_t>(record.kind));
  append_little(to, record.index);
  append_little(to, record.term);
  to.append(record.payload);
  std::string sum;
  append_little(sum, sum_of(std::string_view(to).substr(start)));
  to.replace(start + 4, sum.size(), sum);
}

std::optional<stored_record> read_record(std::string_view segment, std::size_t at) noexcept {
  if (at > segment.size() || segment.size() - at < record_header_bytes)
    return std::nullopt;
  const auto* header = segment.data() + at;
  const std::size_t payload_bytes = read_little<std::uint32_t>(header);
  if (payload_bytes > segment.size() - at - record_header_bytes)
    return std::nullopt;
  const auto whole = segment.substr(at, record_header_bytes + payload_bytes);
  if (read_little<std::uint32_t>(header + 4) != sum_of(whole))
    return std::nullopt;
  return stored_record{static_cast<record_kind>(read_little<std::uint32_t>(header + 12)),
                       read_little<std::uint32_t>(header + 8),
                       read_little<std::uint64_t>(header + 16),
                       read_little<std::uint64_t>(header + 24),
                       whole.substr(record_header_bytes)};
}

std::size_t batch_builder::add(const stored_record& record) {
  const auto offset = bytes_.size();
  append_record(bytes_, record);
  ++count_;
  return offset;
}

std::string_view batch_builder::finish(std::uint64_t number, std::uint64_t synced_through) {
  std::string opening;
  append_record(opening, {record_kind::batch, count_, number, synced_through, {}});
  bytes_.replace(0, record_header_bytes, opening);
  return bytes_;
}

std::string encode_manifest(const manifest& from) {
  codec::packer out;
  out.array(2);
  out.u64(from.oldest);
  pack(out, from.sealed_bytes);
  return codec::encode_frame(out.take(), codec::compression::none);
}

outcome<manifest> decode_manifest(std::string_view bytes) {
  auto body = codec::decode_frame(bytes, manifest_bytes_max);
  if (!body)
    return body.error();
  codec::unpacker in{*body};
  manifest read;
  in.tuple(2);
  read.oldest = in.u64();
  unpack(in, read.sealed_bytes);
  if (auto whole = in.finish(); !whole.ok())
    return whole;
  constexpr auto most = std::numeric_limits<std::uint64_t>::max() / 2;
  if (read.oldest == 0 || read.oldest > most)
    return status{errc::corrupted, "manifest: no such segment"};
  return read;
}

} // namespace grape::storage::log_format
