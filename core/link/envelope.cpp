#include "core/link/envelope.hpp"

#include "core/check.hpp"
#include "core/codec/little_endian.hpp"
#include "core/codec/pack.hpp"

namespace grape::link {

namespace {

constexpr char layout_version = 1;

constexpr bool is_known(envelope_kind kind) noexcept {
  return kind >= envelope_kind::post && kind <= envelope_kind::pong;
}

} // namespace

std::string seal(const envelope& of) {
  std::string out;
  out.reserve(envelope_header_bytes + of.bytes.size());
  out.push_back(layout_version);
  out.push_back(static_cast<char>(of.kind));
  out.push_back(static_cast<char>(of.to));
  codec::append_little(out, of.group.value);
  codec::append_little(out, of.ticket.value);
  codec::append_little(out, of.timeout_ms);
  codec::append_little(out, of.trace);
  out += of.bytes;
  return out;
}

outcome<envelope> open_envelope(std::string_view parcel) {
  if (parcel.size() < envelope_header_bytes)
    return status{errc::corrupted, "a parcel between nodes is shorter than its header"};
  if (parcel[0] != layout_version)
    return status{errc::wrong_version, "a parcel between nodes has version "
                                           + std::to_string(static_cast<int>(parcel[0]))
                                           + "; this program speaks 1"};
  envelope out;
  out.kind = static_cast<envelope_kind>(parcel[1]);
  out.to = static_cast<addressee>(parcel[2]);
  if (!is_known(out.kind) || out.to > addressee::upkeep)
    return status{errc::corrupted, "a parcel between nodes is of no known kind"};
  out.group = group_id{codec::read_little<std::uint32_t>(parcel.data() + 3)};
  out.ticket = link::ticket{codec::read_little<std::uint64_t>(parcel.data() + 7)};
  out.timeout_ms = codec::read_little<std::uint32_t>(parcel.data() + 15);
  out.trace = codec::read_little<std::uint64_t>(parcel.data() + 19);
  out.bytes = parcel.substr(envelope_header_bytes);
  return out;
}

std::string encode(const refusal& of) {
  GRAPE_CHECK(!of.why.ok());
  codec::packer out;
  out.array(3);
  out.u64(static_cast<std::uint64_t>(of.why.code));
  out.str(of.why.detail);
  out.u64(of.leader ? of.leader->value : 0);
  return out.take();
}

outcome<refusal> decode_refusal(std::string_view bytes) {
  codec::unpacker in{bytes};
  in.tuple(3);
  refusal out;
  const auto code = in.u64(static_cast<std::uint64_t>(errc::rate_limited));
  if (in.ok() && code == 0)
    in.fail("a refusal without a reason");
  out.why.code = static_cast<errc>(code);
  out.why.detail = in.str();
  const auto leader = in.u64(0xFFFF'FFFF);
  if (leader != 0)
    out.leader = node_number{static_cast<std::uint32_t>(leader)};
  if (auto read = in.finish(); !read.ok())
    return read;
  return out;
}

} // namespace grape::link
