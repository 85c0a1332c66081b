#include "core/link/inbox.hpp"

#include <utility>

namespace grape::link {

namespace {

status corrupted(std::string why) {
  return {errc::corrupted, "link: " + std::move(why)};
}

std::string joined(std::vector<std::string> arrived, std::size_t total) {
  std::string whole;
  whole.reserve(total);
  for (auto& each : arrived)
    whole += std::exchange(each, {});
  return whole;
}

} // namespace

outcome<arrivals> inbox::accept(std::string_view frame) {
  if (!broken_.ok())
    return broken_;
  auto brought = read(frame);
  if (!brought) {
    broken_ = brought.error();
    joining_ = {};
  }
  return brought;
}

outcome<arrivals> inbox::read(std::string_view frame) {
  auto reader = frame_reader::open(frame);
  if (!reader)
    return reader.error();
  arrivals brought{.parcels = {},
                   .number = reader->number(),
                   .acknowledged = reader->acknowledged(),
                   .frame_bytes = frame.size()};
  if (brought.number != frame_number{}) {
    last_ = last_.next();
    if (brought.number != last_)
      return corrupted("frame " + std::to_string(brought.number.value) + " came where frame "
                       + std::to_string(last_.value) + " was due");
  }
  while (!reader->at_end()) {
    const auto next = reader->next();
    if (!next)
      return next.error();
    if (!next->place)
      brought.parcels.push_back({next->on, std::string(next->bytes)});
    else if (auto fits = join(*next, brought.parcels); !fits.ok())
      return fits;
  }
  return brought;
}

status inbox::join(const piece& fragment, std::vector<arrival>& parcels) {
  const auto& place = *fragment.place;
  auto& parcel = joining_[static_cast<std::size_t>(fragment.on)];
  const auto where = " of stream " + std::to_string(place.stream) + " on lane "
                     + std::string(to_string(fragment.on));
  if (place.offset == 0) {
    if (parcel.total != 0)
      return corrupted("a first fragment" + where + ", but stream " + std::to_string(parcel.stream)
                       + " is not complete");
    if (place.stream <= parcel.stream)
      return corrupted("a second first fragment" + where);
    parcel.stream = place.stream;
    parcel.total = place.total;
  }
  if (parcel.total == 0 || place.stream != parcel.stream)
    return corrupted("a fragment" + where + ", which has not begun or is complete");
  if (place.total != parcel.total)
    return corrupted("a fragment" + where + " says that the parcel has "
                     + std::to_string(place.total) + " bytes, the first one said "
                     + std::to_string(parcel.total));
  if (place.offset != parcel.arrived_bytes)
    return corrupted("the fragment at byte " + std::to_string(place.offset) + where
                     + " came where that at byte " + std::to_string(parcel.arrived_bytes)
                     + " was due");
  parcel.arrived.emplace_back(fragment.bytes);
  parcel.arrived_bytes += static_cast<std::uint32_t>(fragment.bytes.size());
  if (parcel.arrived_bytes == parcel.total) {
    parcels.push_back({fragment.on, joined(std::move(parcel.arrived), parcel.total)});
    parcel = {.stream = place.stream, .total = 0, .arrived = {}, .arrived_bytes = 0};
  }
  return {};
}

std::size_t inbox::unjoined_bytes() const noexcept {
  std::size_t bytes = 0;
  for (const auto& parcel : joining_)
    bytes += parcel.arrived_bytes;
  return bytes;
}

void inbox::closed() {
  *this = {};
}

} // namespace grape::link
