#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/shard/write_stamp.hpp"
#include "core/storage/point_store.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace grape::shard {

struct session_limits {
  std::size_t sessions_max = 1'024; ///< Beyond, the one unused for longest ends.
};

/// A note beside the points, part of the same change as the entry that makes it.
struct session_note {
  std::string name;
  std::string note; ///< Empty: removed.

  friend auto operator<=>(const session_note&, const session_note&) = default;
};

/// Names of all notes of sessions begin so, and no others.
inline constexpr std::string_view session_notes = "s/";

/// All that a store has of them. Errors: corrupted, io_error.
outcome<std::vector<session_note>> notes_of_sessions(const storage::point_reader& from);

/// Which stamped writes a shard has applied: part of its state, changed by entries alone, so equal
/// on all replicas at equal index (Ongaro 2014, section 6.3, with several requests of a client on
/// their way). A write that is asked about again is known as long as its ROUTER may send it again.
/// A session ends when its ROUTER is renewed, or when others need its place; what it may still send
/// is refused then, never applied twice. A value. Not thread-safe.
class write_sessions {
public:
  explicit write_sessions(session_limits limits = {})
    : limits_(limits) {}

  /// What the notes of a store say, in any order. Error: corrupted.
  static outcome<write_sessions> load(const std::vector<session_note>& notes,
                                      session_limits limits = {});

  struct fate {
    enum class kind : std::uint8_t {
      fresh,    ///< To be applied; `admit` it with that.
      repeated, ///< Applied already, at `took_effect`.
      refused,  ///< Not to be applied; nobody may know whether it was.
    };

    kind is = kind::fresh;
    log_index took_effect;
    status why; ///< commit_unknown; stale_route for what was surely not applied; bad_request.
  };

  /// What the next entry is if it has this stamp.
  fate look(const write_stamp& stamp) const;

  /// A fresh one was applied. Returns what changed; it belongs to the same change of the store.
  std::vector<session_note> admit(const write_stamp& stamp, log_index at);

  std::size_t size() const noexcept { return sessions_.size(); }

  /// The last entry that used a session which has ended for want of place; 0: none has.
  log_index ended_through() const noexcept { return ended_through_; }

  friend bool operator==(const write_sessions& a, const write_sessions& b) {
    return a.sessions_ == b.sessions_ && a.ended_through_ == b.ended_through_;
  }

private:
  struct applied_write {
    log_index at;
    std::uint32_t slot = 0; ///< Where it is noted.

    friend bool operator==(const applied_write&, const applied_write&) = default;
  };

  struct session {
    router_life life;
    log_index forgets; ///< What it did up to here, before it ended and began anew, is not known.
    std::uint64_t settled = 0;
    log_index used;
    std::map<std::uint64_t, applied_write> applied; ///< By number, from `settled` on.
    std::set<std::uint32_t> free;                   ///< Slots whose note means nothing any more.

    friend bool operator==(const session&, const session&) = default;
  };

  using place = std::pair<node_number, std::uint32_t>; ///< Of a ROUTER.
  using session_map = std::map<place, session>;

  static place place_of(const write_session& of) noexcept { return {of.node, of.router}; }
  static std::string name_of(const place& where, std::uint32_t slot);
  session_map::const_iterator unused_longest() const;
  void end(session_map::const_iterator which, std::vector<session_note>& notes);

  session_limits limits_;
  session_map sessions_;
  log_index ended_through_;
};

/// What a leader knows of the sessions while later entries are still to be applied.
struct session_standing {
  log_index applied;
  std::size_t sessions = 0;
  log_index ended_through;
};

/// Whether the entry at `at` will surely be `fresh`, so that its leader may acknowledge it once it
/// is committed: as long as the ROUTER that stamped it waits for the answer. False: only applying
/// it tells.
constexpr bool is_surely_fresh(const write_stamp& stamp, log_index at, const session_standing& then,
                               const session_limits& limits = {}) noexcept {
  // Each entry between may begin a session; none ends one as long as there is place.
  return !stamp.again && stamp.since >= then.ended_through
         && then.sessions + (at.value - then.applied.value) <= limits.sessions_max;
}

} // namespace grape::shard
