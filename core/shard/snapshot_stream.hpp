#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/request/collection.hpp"
#include "core/shard/write_sessions.hpp"
#include "core/storage/point_store.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What the source of a snapshot and its receiver say to each other: questions and their answers.
///
/// A snapshot is a stream of a shard's points at one log index. It has two parts: all points,
/// ascending by id, then what changed meanwhile, ascending by log index. Who has a state of the
/// same history needs the second part only. A stream goes on from any of its positions, also from
/// another source that is newer.
namespace grape::shard {

/// How far a receiver has come.
struct snapshot_position {
  log_index base;  ///< Of the receiver's own state that the stream is a difference to; 0 = none.
  log_index since; ///< What has come is at least as new as this; later changes must still come.
  bool walking = true;          ///< The first part is on its way.
  log_index at;                 ///< Second part: every change through this entry has come,
  std::optional<point_id> last; ///< or of its points those through this. First: the last point.

  friend bool operator==(const snapshot_position&, const snapshot_position&) = default;
};

/// Where a stream of everything begins whose source stands at `index`.
snapshot_position whole_begin(log_index index) noexcept;

/// Where a stream of what changed after `base` begins.
snapshot_position difference_begin(log_index base) noexcept;

/// Whether a stream begins here, so that nothing may have come before.
bool is_begin(const snapshot_position& at) noexcept;

/// Opens a stream. Answered by a standing.
struct snapshot_offer {
  log_index index; ///< Of the source's state.

  friend bool operator==(const snapshot_offer&, const snapshot_offer&) = default;
};

/// The next piece. Answered by a standing: it was taken if that is at `to`.
struct snapshot_chunk {
  snapshot_position from;
  snapshot_position to;
  std::optional<collection_schema> schema;   ///< In the first chunk, if the source has one.
  std::vector<storage::change_place> erased; ///< Goes before `points`, which may have come later.
  std::vector<storage::stored_point> points;

  friend bool operator==(const snapshot_chunk&, const snapshot_chunk&) = default;
};

/// Everything has come. Answered by a standing that says `complete`, or refused: `corrupted`.
struct snapshot_end {
  snapshot_position at;
  log_index index;
  log_index forgotten; ///< The receiver may not know of points erased at or below this.
  std::optional<collection_schema> schema;
  std::uint64_t points = 0;
  std::uint64_t sum = 0; ///< Of all points: see snapshot_sum.hpp.
  std::string message;   ///< For the receiver's peer: raft::message.
  std::vector<session_note> sessions; ///< All that the source has; none: of an earlier version.

  friend bool operator==(const snapshot_end&, const snapshot_end&) = default;
};

using snapshot_question = std::variant<snapshot_offer, snapshot_chunk, snapshot_end>;

/// What a receiver has.
struct snapshot_standing {
  log_index own;                           ///< Applied by its replica; 0: there is none to rely on.
  std::optional<snapshot_position> staged; ///< Of a stream that was interrupted.
  bool complete = false;

  friend bool operator==(const snapshot_standing&, const snapshot_standing&) = default;
};

/// Points are added to a chunk until it has so many bytes; only a larger point makes a larger one.
inline constexpr std::size_t snapshot_chunk_bytes = 256u << 10;

/// A point's share of a chunk.
std::size_t chunk_bytes(const storage::stored_point& of) noexcept;

/// As bytes: a frame (LZ4 where it saves something) of a version byte and a MessagePack record.
std::string encode(const snapshot_question& of);
std::string encode(const snapshot_standing& of);
std::string encode(const snapshot_position& of); ///< For a note beside what has come.
std::string encode(const snapshot_end& of);      ///< Likewise.

/// Errors: corrupted, wrong_version, too_large.
outcome<snapshot_question> decode_snapshot_question(std::string_view bytes);
outcome<snapshot_standing> decode_snapshot_standing(std::string_view bytes);
outcome<snapshot_position> decode_snapshot_position(std::string_view bytes);
outcome<snapshot_end> decode_snapshot_end(std::string_view bytes);

} // namespace grape::shard
