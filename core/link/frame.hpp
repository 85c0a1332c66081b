#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What travels between two nodes: a link gathers *parcels* (one message to somebody on the other
/// node, as bytes) in *frames*. The table of a frame's bytes stands in this folder's README.
namespace grape::link {

/// How urgent a parcel is. The numbers are on the wire: append, never renumber.
enum class lane : std::uint8_t {
  urgent = 0,    ///< Votes, control, acknowledgements, pings, heartbeats that somebody waits for.
  heartbeat = 1, ///< Leaves with the next frame, but makes one only when it has waited.
  normal = 2,    ///< Appends, requests, answers.
  bulk = 3,      ///< Chunks of snapshots.
};

inline constexpr std::size_t lane_count = 4;

std::string_view to_string(lane of) noexcept;

/// The number of a frame on one connection, from 1, without a gap. 0: the frame carries no parcels,
/// it only acknowledges, and is not acknowledged itself.
using frame_number = id<struct frame_number_tag>;

/// A request over a link. Never reused; 0 = nobody waits for an answer.
using ticket = id<struct ticket_tag>;

inline constexpr std::size_t frame_bytes_max = 256 * 1024; ///< Header included.

/// A longer parcel is cut into fragments of exactly this length, but for the last one.
inline constexpr std::size_t fragment_bytes_max = 64 * 1024;

/// A log entry of 32 MiB and what is said around it.
inline constexpr std::size_t parcel_bytes_max = (32 * 1024 + 64) * 1024;

/// Of one parcel on `of`: the two lanes that overtake all others take no long ones.
constexpr std::size_t parcel_bytes_max_on(lane of) noexcept {
  return of == lane::urgent || of == lane::heartbeat ? 16 * 1024 : parcel_bytes_max;
}

inline constexpr std::size_t frame_header_bytes = 21;
inline constexpr std::size_t whole_header_bytes = 6;
inline constexpr std::size_t fragment_header_bytes = 22;

/// Where a fragment belongs. The fragments of a stream come in order, and the streams of a lane one
/// after the other.
struct fragment_place {
  std::uint64_t stream = 0; ///< From 1; a later stream has a greater number.
  std::uint32_t offset = 0; ///< Of the fragment within its parcel.
  std::uint32_t total = 0;  ///< Bytes of the parcel; more than `fragment_bytes_max`.

  friend bool operator==(const fragment_place&, const fragment_place&) = default;
};

/// A whole parcel, or a fragment of one.
struct piece {
  lane on = lane::normal;
  std::string_view bytes;              ///< Of the frame, or of the parcel.
  std::optional<fragment_place> place; ///< Of a fragment.
};

/// What a piece of so many bytes adds to a frame.
constexpr std::size_t framed_bytes(std::size_t bytes, bool is_fragment) noexcept {
  return bytes + (is_fragment ? fragment_header_bytes : whole_header_bytes);
}

/// Writes one frame. Who uses it keeps `frame_bytes_max` and the rules of the lanes.
class frame_writer {
public:
  frame_writer();

  void add(const piece& next);

  std::size_t size() const noexcept { return bytes_.size(); }
  bool empty() const noexcept { return bytes_.size() == frame_header_bytes; }

  /// The frame. The writer is used up.
  std::string take(frame_number number, frame_number acknowledged);

private:
  std::string bytes_;
};

/// Reads one frame without trusting it; allocates nothing but texts of errors.
class frame_reader {
public:
  /// The frame must outlive the reader and every piece. Errors: wrong_version, too_large,
  /// corrupted.
  static outcome<frame_reader> open(std::string_view frame);

  frame_number number() const noexcept { return number_; }

  /// The sender accepted everything up to this frame.
  frame_number acknowledged() const noexcept { return acknowledged_; }

  bool at_end() const noexcept { return left_.empty(); }

  /// Not at the end: the next piece, which keeps the rules of its lane by itself. Errors:
  /// corrupted, too_large.
  outcome<piece> next();

private:
  frame_number number_;
  frame_number acknowledged_;
  std::string_view left_;
};

} // namespace grape::link
