#include "core/link/frame.hpp"

#include "core/codec/crc32c.hpp"
#include "core/codec/little_endian.hpp"

#include <algorithm>
#include <cstring>

namespace grape::link {

namespace {

using codec::append_little;
using codec::read_little;

constexpr char version = 1;
constexpr std::size_t sum_at = 1;
constexpr std::size_t summed_at = 5; // Behind the sum, which covers the version too.
constexpr char kind_whole = 0;
constexpr char kind_fragment = 1;

std::uint32_t sum_of(std::string_view frame) {
  return codec::crc32c(frame.substr(summed_at), codec::crc32c(frame.substr(0, sum_at)));
}

status corrupted(const std::string& why) {
  return {errc::corrupted, "frame of a link: " + why};
}

status too_large(const std::string& what, std::size_t bytes, std::size_t most) {
  return {errc::too_large, "frame of a link: " + what + " of " + std::to_string(bytes)
                               + " bytes, the limit is " + std::to_string(most)};
}

/// A parcel that can be on its lane, in one piece.
status check_whole(lane on, std::size_t bytes) {
  const auto most = std::min(parcel_bytes_max_on(on), fragment_bytes_max);
  if (bytes > most)
    return too_large("it holds a whole " + std::string(to_string(on)) + " parcel", bytes, most);
  return bytes > 0 ? status{} : corrupted("it holds an empty parcel");
}

/// A fragment that can be on its lane; whether it is the one that is due knows the inbox.
status check_fragment(lane on, std::size_t bytes, const fragment_place& place) {
  if (place.total > parcel_bytes_max_on(on))
    return too_large("it holds a fragment of a " + std::string(to_string(on)) + " parcel",
                     place.total, parcel_bytes_max_on(on));
  if (place.total <= fragment_bytes_max)
    return corrupted("it holds a fragment of a parcel that needs none");
  if (place.offset >= place.total
      || bytes != std::min<std::size_t>(fragment_bytes_max, place.total - place.offset))
    return corrupted("it holds a fragment of another length than its place asks for");
  return {};
}

} // namespace

std::string_view to_string(lane of) noexcept {
  switch (of) {
    case lane::urgent: return "urgent";
    case lane::heartbeat: return "heartbeat";
    case lane::normal: return "normal";
    case lane::bulk: return "bulk";
  }
  return "unknown";
}

frame_writer::frame_writer()
  : bytes_(frame_header_bytes, '\0') {}

void frame_writer::add(const piece& next) {
  bytes_.push_back(static_cast<char>(next.on));
  bytes_.push_back(next.place ? kind_fragment : kind_whole);
  append_little(bytes_, static_cast<std::uint32_t>(next.bytes.size()));
  if (next.place) {
    append_little(bytes_, next.place->stream);
    append_little(bytes_, next.place->offset);
    append_little(bytes_, next.place->total);
  }
  bytes_.append(next.bytes);
}

std::string frame_writer::take(frame_number number, frame_number acknowledged) {
  std::string header;
  append_little(header, number.value);
  append_little(header, acknowledged.value);
  bytes_.replace(summed_at, header.size(), header);
  bytes_[0] = version;
  const auto sum = sum_of(bytes_);
  std::memcpy(bytes_.data() + sum_at, &sum, sizeof sum);
  return std::move(bytes_);
}

outcome<frame_reader> frame_reader::open(std::string_view frame) {
  if (frame.size() > frame_bytes_max)
    return too_large("it comes with a length", frame.size(), frame_bytes_max);
  if (!frame.empty() && frame[0] != version)
    return status{errc::wrong_version,
                  "frame of a link: version " + std::to_string(static_cast<unsigned char>(frame[0]))
                      + ", this program reads version " + std::to_string(version)};
  if (frame.size() < frame_header_bytes)
    return corrupted("shorter than its header");
  if (read_little<std::uint32_t>(frame.data() + sum_at) != sum_of(frame))
    return corrupted("its checksum does not match");
  frame_reader opened;
  opened.number_ = frame_number{read_little<std::uint64_t>(frame.data() + summed_at)};
  opened.acknowledged_ = frame_number{read_little<std::uint64_t>(frame.data() + summed_at + 8)};
  opened.left_ = frame.substr(frame_header_bytes);
  if ((opened.number_ == frame_number{}) != opened.left_.empty())
    return corrupted("a frame has parcels if, and only if, it has a number");
  return opened;
}

outcome<piece> frame_reader::next() {
  if (left_.size() < whole_header_bytes)
    return corrupted("bytes are left over at its end");
  const auto on = static_cast<unsigned char>(left_[0]);
  const auto kind = left_[1];
  if (on >= lane_count)
    return corrupted("lane " + std::to_string(on) + " is unknown");
  if (kind != kind_whole && kind != kind_fragment)
    return corrupted("it holds neither a parcel nor a fragment");
  piece read{.on = static_cast<lane>(on), .bytes = {}, .place = {}};
  const std::size_t bytes = read_little<std::uint32_t>(left_.data() + 2);
  const auto header = framed_bytes(0, kind == kind_fragment);
  if (left_.size() < header || left_.size() - header < bytes)
    return corrupted("it holds a piece of " + std::to_string(bytes) + " bytes, but "
                     + std::to_string(left_.size()) + " are left");
  if (kind == kind_fragment)
    read.place = fragment_place{.stream = read_little<std::uint64_t>(left_.data() + 6),
                                .offset = read_little<std::uint32_t>(left_.data() + 14),
                                .total = read_little<std::uint32_t>(left_.data() + 18)};
  read.bytes = left_.substr(header, bytes);
  left_.remove_prefix(header + bytes);
  if (auto fits =
          read.place ? check_fragment(read.on, bytes, *read.place) : check_whole(read.on, bytes);
      !fits.ok())
    return fits;
  return read;
}

} // namespace grape::link
