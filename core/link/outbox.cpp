#include "core/link/outbox.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <utility>

namespace grape::link {

outbox::outbox(const outbox_options& options)
  : options_(options) {
  GRAPE_CHECK(options.flight_frames_max >= 2);
  GRAPE_CHECK(options.flight_bytes_max - options.flight_bytes_max / 4 >= frame_bytes_max);
  for (std::size_t i = 0; i < lane_count; ++i)
    GRAPE_CHECK(options.queued_bytes_max[i]
                >= parcel_bytes_max_on(static_cast<lane>(i)) + parcel_overhead_bytes);
}

status outbox::push(lane on, std::string bytes, std::uint64_t now_ms, ticket request) {
  GRAPE_CHECK(!bytes.empty());
  const auto name = std::string(to_string(on));
  if (bytes.size() > parcel_bytes_max_on(on))
    return {errc::too_large, "a message to another node of " + std::to_string(bytes.size())
                                 + " bytes; the limit of " + name + " ones is "
                                 + std::to_string(parcel_bytes_max_on(on))};
  const auto at = static_cast<std::size_t>(on);
  const auto counted = bytes.size() + parcel_overhead_bytes;
  if (queued_bytes_[at] + counted > options_.queued_bytes_max[at])
    return {errc::overloaded, "the queue of " + name + " messages to this peer is full ("
                                  + std::to_string(queued_bytes_[at]) + " of "
                                  + std::to_string(options_.queued_bytes_max[at])
                                  + " bytes); try again later"};
  queued_bytes_[at] += counted;
  const auto number = queue_of(on, bytes.size());
  queues_[number].push_back({.on = on, .bytes = std::move(bytes), .request = request});
  if (on == lane::heartbeat && !flush_ms_)
    flush_ms_ = now_ms + options_.flush_ms;
  return {};
}

std::optional<std::string> outbox::take_frame(std::uint64_t now_ms) {
  const auto with_ordinary = has_ordinary() && allows_ordinary();
  const auto room = with_ordinary ? frame_bytes_max : room_for_urgent();
  if (!is_due(now_ms, with_ordinary, room))
    return std::nullopt;
  frame_writer frame;
  fill(frame, with_ordinary, room);
  if (frame.empty() && told_ == heard_)
    return std::nullopt;
  frame_number number{};
  if (!frame.empty()) {
    number = last_ = last_.next();
    flight_.push_back(frame.size());
    flight_bytes_ += frame.size();
  }
  told_ = heard_;
  heard_bytes_ = 0;
  if (queues_[heartbeat_at].empty())
    flush_ms_.reset();
  return frame.take(number, told_);
}

status outbox::heard(const arrivals& in, std::uint64_t now_ms) {
  if (in.acknowledged > last_ || in.acknowledged < acknowledged_)
    return {errc::corrupted, "link: the peer acknowledges frame "
                                 + std::to_string(in.acknowledged.value) + "; it has acknowledged "
                                 + std::to_string(acknowledged_.value) + " and was sent "
                                 + std::to_string(last_.value)};
  for (; acknowledged_ < in.acknowledged; acknowledged_ = acknowledged_.next()) {
    flight_bytes_ -= flight_.front();
    flight_.pop_front();
  }
  if (in.number == frame_number{})
    return {};
  heard_ = in.number;
  heard_bytes_ += in.frame_bytes;
  if (!flush_ms_)
    flush_ms_ = now_ms + options_.flush_ms;
  return {};
}

std::optional<std::uint64_t> outbox::wake_ms() const noexcept {
  // A heartbeat that finds no room waits for an acknowledgement, not for a time.
  const auto& heartbeats = queues_[heartbeat_at];
  const auto has_room =
      !heartbeats.empty() && frame_header_bytes + next_piece_bytes(heartbeats) <= room_for_urgent();
  return told_ != heard_ || has_room ? flush_ms_ : std::nullopt;
}

std::vector<ticket> outbox::closed() {
  std::vector<ticket> lost;
  for (const auto& waiting : queues_)
    for (const auto& each : waiting)
      if (each.request != ticket{})
        lost.push_back(each.request);
  std::sort(lost.begin(), lost.end());
  *this = outbox{options_};
  return lost;
}

std::size_t outbox::queue_of(lane on, std::size_t bytes) noexcept {
  switch (on) {
    case lane::urgent: return urgent_at;
    case lane::heartbeat: return heartbeat_at;
    case lane::normal: return bytes > fragment_bytes_max ? long_normal_at : normal_at;
    case lane::bulk: return bulk_at;
  }
  return bulk_at;
}

/// What the next piece of a queue adds to a frame; 0: it is empty.
std::size_t outbox::next_piece_bytes(const queue& from) noexcept {
  if (from.empty())
    return 0;
  const auto& next = from.front();
  return framed_bytes(std::min(next.bytes.size() - next.gone, fragment_bytes_max),
                      next.bytes.size() > fragment_bytes_max);
}

bool outbox::has_ordinary() const noexcept {
  return !queues_[normal_at].empty() || !queues_[long_normal_at].empty()
         || !queues_[bulk_at].empty();
}

/// Another frame with all that waits, without the quarter that is kept for what is urgent.
bool outbox::allows_ordinary() const noexcept {
  const auto frames_max = options_.flight_frames_max - (options_.flight_frames_max + 3) / 4;
  const auto bytes_max = options_.flight_bytes_max - options_.flight_bytes_max / 4;
  return flight_.size() < frames_max && flight_bytes_ + frame_bytes_max <= bytes_max;
}

/// Bytes of a frame that holds nothing ordinary.
std::size_t outbox::room_for_urgent() const noexcept {
  if (flight_.size() >= options_.flight_frames_max)
    return 0;
  return std::min(frame_bytes_max, options_.flight_bytes_max - flight_bytes_);
}

/// A quarter of what the peer may have in flight, if its options are ours: it must not stand still.
bool outbox::must_acknowledge_now() const noexcept {
  return 4 * (heard_.value - told_.value) >= options_.flight_frames_max
         || 4 * heard_bytes_ >= options_.flight_bytes_max;
}

bool outbox::is_due(std::uint64_t now_ms, bool with_ordinary, std::size_t room) const noexcept {
  if (with_ordinary || must_acknowledge_now() || (flush_ms_ && *flush_ms_ <= now_ms))
    return true;
  const auto& urgent = queues_[urgent_at];
  return !urgent.empty() && frame_header_bytes + next_piece_bytes(urgent) <= room;
}

/// Every queue leaves room for the first piece of each later one.
void outbox::fill(frame_writer& frame, bool with_ordinary, std::size_t room) {
  const auto served = with_ordinary ? queue_count : normal_at;
  std::array<std::size_t, queue_count> kept{};
  for (auto i = served - 1; i > 0; --i)
    kept[i - 1] = kept[i] + next_piece_bytes(queues_[i]);
  for (std::size_t i = 0; i < served; ++i)
    while (!queues_[i].empty() && frame.size() + next_piece_bytes(queues_[i]) + kept[i] <= room)
      take_piece(frame, queues_[i]);
}

void outbox::take_piece(frame_writer& frame, queue& from) {
  auto& next = from.front();
  const auto bytes = std::min(next.bytes.size() - next.gone, fragment_bytes_max);
  piece cut{
      .on = next.on, .bytes = std::string_view{next.bytes}.substr(next.gone, bytes), .place = {}};
  if (next.bytes.size() > fragment_bytes_max) {
    if (next.gone == 0)
      next.stream = ++last_stream_;
    cut.place = fragment_place{.stream = next.stream,
                               .offset = static_cast<std::uint32_t>(next.gone),
                               .total = static_cast<std::uint32_t>(next.bytes.size())};
  }
  frame.add(cut);
  next.gone += bytes;
  if (next.gone < next.bytes.size())
    return;
  queued_bytes_[static_cast<std::size_t>(next.on)] -= next.bytes.size() + parcel_overhead_bytes;
  from.pop_front();
}

} // namespace grape::link
