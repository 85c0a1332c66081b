#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace grape::shard {

/// One life of a ROUTER. Of two lives in one place the later ends the earlier.
struct router_life {
  std::uint64_t incarnation = 0; ///< Of its node.
  std::uint64_t renewal = 0;     ///< Within that; rises with each ROUTER that begins.

  friend auto operator<=>(const router_life&, const router_life&) = default;
};

/// Whose session a write belongs to.
struct write_session {
  node_number node;         ///< Where the ROUTER is,
  std::uint32_t router = 0; ///< and which of that node's.
  router_life life;

  friend bool operator==(const write_session&, const write_session&) = default;
};

/// So many of a session's writes to a shard may be on their way: the numbers of two of them differ
/// by less.
inline constexpr std::uint64_t write_window = 2'048;

/// What makes a write that is sent several times take effect once: the same on each attempt but for
/// `again`.
struct write_stamp {
  write_session session;
  std::uint64_t number = 0;  ///< Of the write in its session, from 1.
  std::uint64_t settled = 0; ///< No write numbered lower is sent any more. 1 ... number.
  log_index since;           ///< No attempt stands at or below this entry of the shard's log.
  bool again = false;        ///< Another attempt may have taken effect.

  friend bool operator==(const write_stamp&, const write_stamp&) = default;
};

/// An encoded command with its stamp before it: what goes through log, replica and disk. A frame of
/// its own, so that the command need not be encoded anew for each attempt.
std::string stamped(const write_stamp& stamp, std::string_view command);

/// An entry of the log taken apart. `command` points into what was given.
struct stamped_command {
  std::optional<write_stamp> stamp; ///< None: it was sent once, or by an earlier version.
  std::string_view command;
};

/// Takes any bytes; what is in the command is not looked at. Errors: corrupted, wrong_version.
outcome<stamped_command> split_stamp(std::string_view entry);

} // namespace grape::shard
