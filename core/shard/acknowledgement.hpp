#pragma once

#include "core/request/collection.hpp"
#include "core/request/write.hpp"
#include "core/status.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace grape::shard {

/// How far the entry of a write has come.
struct entry_progress {
  bool logged = false;     ///< Durable in the leader's own log.
  bool committed = false;  ///< A majority has it durably.
  bool everywhere = false; ///< So has every voter that the leader heard lately.
  bool applied = false;    ///< Visible here.
};

/// What whoever wrote may be told now; nothing: it is too early. With `wait` a write is told when
/// it is visible, else when it is as durable as the collection's mode says; under `async` that is
/// before a majority has it, and it may be lost with the leader.
constexpr std::optional<write_progress> answer_for(sync_mode mode, bool wait,
                                                   const entry_progress& is) noexcept {
  const bool safe = is.committed && (mode != sync_mode::all || is.everywhere);
  if (wait)
    return safe && is.applied ? std::optional{write_progress::completed} : std::nullopt;
  const bool enough = mode == sync_mode::async ? is.logged || is.committed : safe;
  return enough ? std::optional{write_progress::acknowledged} : std::nullopt;
}

/// How much of a collection written with `async` may be lost with its leader: beyond, writes are
/// refused until a majority has caught up.
struct async_limits {
  std::uint64_t lag_ms_max = 1'000;
  std::size_t lag_bytes_max = 8u << 20;
};

/// Whether one more write may be let in while the oldest that no majority has waits for `lag_ms`,
/// and all such have `lag_bytes`. overloaded.
status check_lag(std::uint64_t lag_ms, std::size_t lag_bytes, const async_limits& limits);

} // namespace grape::shard
