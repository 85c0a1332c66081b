#pragma once

#include "core/ids.hpp"
#include "core/link/frame.hpp"
#include "core/outcome.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace grape::link {

/// What a parcel is to whoever gets it. Numbers are on the wire: append, never renumber.
enum class envelope_kind : std::uint8_t {
  post = 1,     ///< Nobody waits for an answer.
  question = 2, ///< Answered by an `answer` or a `refusal` with the same ticket.
  answer = 3,
  refusal = 4, ///< Its bytes are an encoded `refusal`.
  ping = 5,    ///< The ticket is the number of the ping;
  pong = 6,    ///< it comes back.
};

/// Who on the other node is meant. Numbers are on the wire: append, never renumber.
enum class addressee : std::uint8_t {
  link = 0,     ///< The link itself.
  raft = 1,     ///< The replica of a Raft group: messages of its peer.
  shard = 2,    ///< The door of a shard: writes and reads.
  metadata = 3, ///< Whoever keeps the control plane's state.
  snapshot = 4, ///< Whoever receives snapshots of a group.
  control = 5,  ///< What the coordinator asks a group's replica, or is told.
  upkeep = 6,   ///< Whoever looks after what lies on the node's disk.
};

/// What stands around the bytes of each parcel.
struct envelope {
  envelope_kind kind = envelope_kind::post;
  addressee to = addressee::link;
  group_id group{};
  link::ticket ticket{};        ///< 0 unless somebody waits.
  std::uint32_t timeout_ms = 0; ///< Of a question: what is left of its deadline.
  std::uint64_t trace = 0;      ///< 0 = not traced.
  std::string_view bytes;       ///< Of the parcel that was opened, or of the caller.
};

inline constexpr std::size_t envelope_header_bytes = 27;

/// As bytes, little-endian: u8 version, u8 kind, u8 addressee, u32 group, u64 ticket, u32 timeout,
/// u64 trace, then `bytes`. Frames have checksums, so parcels need none.
std::string seal(const envelope& of);

/// `parcel` must outlive what is returned. Errors: corrupted, wrong_version.
outcome<envelope> open_envelope(std::string_view parcel);

/// Why there is no answer, and who leads the group as far as the refuser knows.
struct refusal {
  status why;
  std::optional<node_number> leader;

  friend bool operator==(const refusal&, const refusal&) = default;
};

/// Needs `!of.why.ok()`.
std::string encode(const refusal& of);
outcome<refusal> decode_refusal(std::string_view bytes);

} // namespace grape::link
