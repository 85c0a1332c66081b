#include "core/codec/crc32c.hpp"
#include "core/codec/little_endian.hpp"
#include "core/codec/pack.hpp"
#include "core/link/hello.hpp"

#include <algorithm>

namespace grape::link {

namespace {

constexpr std::string_view magic = "GH";
constexpr char layout_version = 1;
constexpr std::size_t header_bytes = 7;
constexpr std::size_t field_count = 11;

bool is_fit(std::string_view text) {
  return !text.empty() && text.size() <= hello_text_bytes_max
         && std::all_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

void unpack_text(codec::unpacker& in, std::string& to) {
  const auto text = in.str();
  if (in.ok() && !is_fit(text))
    in.fail("a text that is empty, too long or has control characters");
  else
    to = text;
}

std::uint32_t sum_of(std::string_view bytes) {
  return codec::crc32c(bytes.substr(header_bytes));
}

} // namespace

std::string encode(const hello& of) {
  codec::packer out;
  out.array(field_count);
  out.u64(of.protocol);
  out.str(of.cluster_id);
  out.str(of.cluster_name);
  out.u64(of.number.value);
  out.str(of.node_name);
  out.u64(of.incarnation.disk);
  out.u64(of.incarnation.boots);
  out.u64(of.incarnation.drawn);
  out.u64(of.epochs.metadata.value);
  out.u64(of.epochs.routes.value);
  out.str(of.http_address);
  const auto record = out.take();
  std::string bytes{magic};
  bytes.push_back(layout_version);
  codec::append_little(bytes, codec::crc32c(record));
  return bytes + record;
}

outcome<hello> decode_hello(std::string_view bytes) {
  if (!bytes.starts_with(magic) || bytes.size() == magic.size())
    return status{errc::corrupted, "hello of a node: these bytes are none"};
  if (bytes[magic.size()] != layout_version)
    return status{errc::wrong_version,
                  "hello of a node: layout version "
                      + std::to_string(static_cast<unsigned char>(bytes[magic.size()]))
                      + ", this program reads version " + std::to_string(layout_version)
                      + ": run the same release on both nodes"};
  if (bytes.size() < header_bytes
      || codec::read_little<std::uint32_t>(bytes.data() + magic.size() + 1) != sum_of(bytes))
    return status{errc::corrupted, "hello of a node: its checksum does not match"};
  codec::unpacker in{bytes.substr(header_bytes)};
  hello read;
  in.tuple(field_count);
  read.protocol = static_cast<std::uint32_t>(in.u64(UINT32_MAX));
  unpack_text(in, read.cluster_id);
  unpack_text(in, read.cluster_name);
  read.number = node_number{static_cast<std::uint32_t>(in.u64(UINT32_MAX))};
  unpack_text(in, read.node_name);
  read.incarnation.disk = in.u64();
  read.incarnation.boots = in.u64();
  read.incarnation.drawn = in.u64();
  read.epochs.metadata = log_index{in.u64()};
  read.epochs.routes = epoch{in.u64()};
  unpack_text(in, read.http_address);
  if (in.ok() && read.number == node_number{})
    in.fail("nodes are numbered from 1");
  if (auto whole = in.finish(); !whole.ok())
    return status{whole.code, "hello of a node: " + whole.detail};
  return read;
}

} // namespace grape::link
