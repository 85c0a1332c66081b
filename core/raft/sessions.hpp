#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace grape::raft {

/// The index of the entry that opened the session, so no id is ever used twice in a group.
using session_id = id<struct session_id_tag>;

// What an entry may say about sessions.

struct open_session {
  friend bool operator==(const open_session&, const open_session&) = default;
};

/// Ends every session whose last use lies at or below `idle_through`. A leader proposes it by its
/// clock; the members only ever follow the entry.
struct expire_sessions {
  log_index idle_through;

  friend bool operator==(const expire_sessions&, const expire_sessions&) = default;
};

/// One request of a session. `sequence` starts at 1 and rises with every new request; a retry
/// repeats it. A client has one request on its way at a time.
struct session_request {
  session_id session;
  std::uint64_t sequence = 0;
  std::string command; ///< For the state machine.

  friend bool operator==(const session_request&, const session_request&) = default;
};

using session_command = std::variant<open_session, expire_sessions, session_request>;

std::string encode(const session_command& of);
outcome<session_command> decode_session_command(std::string_view bytes);

struct session_limits {
  std::size_t count_max = 10'000;       ///< Opening beyond ends the session unused for longest.
  std::size_t result_bytes_max = 4'096; ///< Of a result that is kept; checked.
};

/// The sessions of one group's clients: part of the replicated state, changed by entries alone,
/// equal on every member at equal index. Makes a request that was retried, over a change of leader
/// too, take effect once and answer alike (Ongaro 2014, section 6.3). A value. Not thread-safe.
class sessions {
public:
  explicit sessions(session_limits limits = {});

  /// Applies the entry at `index`. `run` changes the state machine and returns the result; it is
  /// called for a request that is new, and for no other. Returns what the client is told:
  /// the id in decimals, nothing, or the result. Errors: not_found for a session that ended or
  /// never was (whether the request took effect is then unknown to it), bad_request for a request
  /// older than the last one, whose result is no longer kept.
  outcome<std::string> apply(log_index index, const session_command& command,
                             const std::function<std::string(const std::string&)>& run);

  std::size_t size() const noexcept { return sessions_.size(); }

  /// Of the session unused for longest; nothing (0) without sessions. What a leader looks at to
  /// decide whether to propose an expiry.
  log_index oldest_use() const noexcept;

  /// The whole state, for snapshots. Equal states make equal bytes.
  std::string encode() const;

  /// Errors: wrong_version, corrupted.
  static outcome<sessions> decode(std::string_view bytes, session_limits limits = {});

private:
  struct session {
    std::uint64_t sequence = 0; ///< Of the last request; 0 = none yet.
    log_index used;
    std::string result;
  };

  using session_map = std::map<session_id, session>;

  outcome<std::string> open(log_index index);
  outcome<std::string> answer(log_index index, const session_request& request,
                              const std::function<std::string(const std::string&)>& run);
  void touch(session_map::iterator at, log_index index);
  void end_oldest();

  session_limits limits_;
  session_map sessions_;
  std::set<std::pair<log_index, session_id>> by_use_; ///< (used, id) of every session.
};

} // namespace grape::raft
