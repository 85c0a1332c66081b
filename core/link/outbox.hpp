#pragma once

#include "core/link/frame.hpp"
#include "core/link/inbox.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace grape::link {

/// What a queued parcel counts beyond its bytes, so that many small ones are bounded too.
inline constexpr std::size_t parcel_overhead_bytes = 64;

struct outbox_options {
  /// Of each lane's queue, by number of the lane: no lane is refused because another one is full.
  /// At least one parcel of the greatest length.
  std::array<std::size_t, lane_count> queued_bytes_max{1u << 20, 1u << 20, 64u << 20, 34u << 20};

  /// Sent, but not acknowledged by the peer. A quarter is kept for urgent parcels and heartbeats;
  /// the rest takes at least one frame, of `frame_bytes_max`.
  std::uint32_t flight_frames_max = 32;
  std::size_t flight_bytes_max = 1u << 20;

  std::uint64_t flush_ms = 10; ///< So long heartbeats and acknowledgements wait for company.
};

/// Gathers what is to be sent to one peer in frames, as many as the peer has acknowledged. In each
/// frame urgent parcels come first, then heartbeats, short normal parcels, fragments of long normal
/// ones, and bulk; but each of these that waits gets at least one piece into each frame, so none
/// starves. Parcels of a lane that are not fragmented keep their order. Knows no clock; not
/// thread-safe.
class outbox {
public:
  explicit outbox(const outbox_options& options);

  /// Queues `bytes`, at least one. `request` is told by `closed` if they never left. Errors, after
  /// which nothing is queued: overloaded (the lane's queue is full), too_large.
  status push(lane on, std::string bytes, std::uint64_t now_ms, ticket request = {});

  /// The next frame to send, if one is due and the peer's acknowledgements allow it. Ask after
  /// every call of `push` or `heard` (or after many of them) and at `wake_ms`, until there is none.
  std::optional<std::string> take_frame(std::uint64_t now_ms);

  /// The peer's frame brought `in`: what it acknowledges is no longer in flight, and it will be
  /// acknowledged. Errors, with which the connection must end: corrupted.
  status heard(const arrivals& in, std::uint64_t now_ms);

  /// When a frame will be due that is not due now, if nothing else happens.
  std::optional<std::uint64_t> wake_ms() const noexcept;

  /// The connection ended: drops everything and is ready for another one. The requests that surely
  /// did not reach the peer; of all others nobody knows.
  std::vector<ticket> closed();

  /// As counted against `queued_bytes_max`.
  std::size_t queued_bytes(lane on) const noexcept {
    return queued_bytes_[static_cast<std::size_t>(on)];
  }

  std::size_t flight_frames() const noexcept { return flight_.size(); }
  std::size_t flight_bytes() const noexcept { return flight_bytes_; }

private:
  struct parcel {
    lane on;
    std::string bytes;
    ticket request;
    std::uint64_t stream = 0; // Its number, once its first fragment has left.
    std::size_t gone = 0;     // Bytes of it that have left.
  };

  using queue = std::deque<parcel>;

  // Queues in the order in which they are served; long normal parcels have one of their own.
  static constexpr std::size_t urgent_at = 0;
  static constexpr std::size_t heartbeat_at = 1;
  static constexpr std::size_t normal_at = 2;
  static constexpr std::size_t long_normal_at = 3;
  static constexpr std::size_t bulk_at = 4;
  static constexpr std::size_t queue_count = 5;

  static std::size_t queue_of(lane on, std::size_t bytes) noexcept;
  static std::size_t next_piece_bytes(const queue& from) noexcept;

  bool has_ordinary() const noexcept;
  bool allows_ordinary() const noexcept;
  std::size_t room_for_urgent() const noexcept;
  bool must_acknowledge_now() const noexcept;
  bool is_due(std::uint64_t now_ms, bool with_ordinary, std::size_t room) const noexcept;
  void fill(frame_writer& frame, bool with_ordinary, std::size_t room);
  void take_piece(frame_writer& frame, queue& from);

  outbox_options options_;
  std::array<queue, queue_count> queues_;
  std::array<std::size_t, lane_count> queued_bytes_{};
  std::uint64_t last_stream_ = 0;
  std::optional<std::uint64_t> flush_ms_; // When a heartbeat or an acknowledgement has waited.

  frame_number last_{};            // Sent.
  frame_number acknowledged_{};    // By the peer.
  std::deque<std::size_t> flight_; // Bytes of each frame between the two.
  std::size_t flight_bytes_ = 0;

  frame_number heard_{};        // The peer's last frame,
  frame_number told_{};         // and the last one that the peer knows to be heard.
  std::size_t heard_bytes_ = 0; // Of the frames between the two.
};

} // namespace grape::link
