#pragma once

#include "core/raft/log_standing.hpp"
#include "core/request/collection.hpp"
#include "core/request/options.hpp"
#include "core/request/write.hpp"
#include "core/status.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace grape::shard {

/// What has to be true of a write before whoever wrote is told.
struct ack_demand {
  write_ack ack = write_ack::write_quorum; ///< Never `collection_default`.
  bool wait = false;                       ///< It is visible, too.
  std::uint32_t copies = 1;                ///< So many replicas with data have it durably.

  friend bool operator==(const ack_demand&, const ack_demand&) = default;
};

/// What a write that asks for `asked` is to wait for, in a collection with these options.
ack_demand demand_of(const collection_options& of, write_ack asked, bool wait) noexcept;

/// How far the entry of a write has come.
struct entry_progress {
  bool logged = false;          ///< Durable in the leader's own log.
  bool committed = false;       ///< A majority has it durably.
  bool everywhere = false;      ///< So has every voter that the leader heard lately.
  bool copied = false;          ///< So have as many replicas with data as are demanded:
  std::uint32_t copies = 0;     ///< so many at least; 0 = not known.
  bool applied = false;         ///< Visible here.
  bool expired = false;         ///< Its own timeout has passed.
  bool copies_given_up = false; ///< Nobody will tell who else has it, or it takes too long.
};

/// Notes what the log of its leader says of the entry at `index`, which is in its term.
void note(entry_progress& of, log_index index, const ack_demand& wanted,
          const raft::log_standing& leader);

/// What whoever wrote may be told now; nothing: it is too early. With `wait` a write is told when
/// it is visible, else when it is as durable as demanded; under `eventual` that is before a
/// majority has it, and it may be lost with the leader. `wait_timeout` says that it is committed.
constexpr std::optional<write_progress> answer_for(const ack_demand& wanted,
                                                   const entry_progress& is) noexcept {
  const bool visible = !wanted.wait || is.applied;
  const bool held =
      (wanted.copies <= 1 || is.copied) && (wanted.ack != write_ack::all || is.everywhere);
  if (is.committed && held && visible)
    return wanted.wait ? write_progress::completed : write_progress::acknowledged;
  if (wanted.ack == write_ack::eventual && !wanted.wait && (is.logged || is.committed))
    return write_progress::acknowledged;
  if (is.committed && (is.expired || (is.copies_given_up && visible)))
    return write_progress::wait_timeout;
  return std::nullopt;
}

/// Whether more than commits and applied entries is to be known before such a write can be told.
constexpr bool needs_log_standing(const ack_demand& wanted) noexcept {
  return wanted.ack != write_ack::write_quorum || wanted.copies > 1;
}

/// What a receipt says of copies: how many there surely are, if it comes before there are enough.
constexpr std::uint32_t copies_told(write_progress told, const ack_demand& wanted,
                                    const entry_progress& is) noexcept {
  return told == write_progress::wait_timeout && needs_log_standing(wanted) ? is.copies : 0;
}

/// How much of what was acknowledged to `eventual` writes may be lost with the leader: beyond,
/// such writes are refused until a majority has caught up.
struct async_limits {
  std::uint64_t lag_ms_max = 1'000;
  std::size_t lag_bytes_max = 8u << 20;
};

/// Whether one more write may be let in while the oldest that no majority has waits for `lag_ms`,
/// and all such have `lag_bytes`. overloaded.
status check_lag(std::uint64_t lag_ms, std::size_t lag_bytes, const async_limits& limits);

} // namespace grape::shard
