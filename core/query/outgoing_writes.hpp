#pragma once

#include "core/ids.hpp"
#include "core/shard/write_stamp.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>

namespace grape::query {

/// The writes of one ROUTER to all shards, as their stamps tell them: a session for each shard.
/// Each write that is begun is to be settled once. A value; not thread-safe.
class outgoing_writes {
public:
  explicit outgoing_writes(const shard::write_session& own = {})
    : own_(own) {}

  /// The stamp for a new write. Nothing: too many are on their way to this shard, so that the write
  /// must go without, and can be sent once only.
  std::optional<shard::write_stamp> begin(group_id shard);

  /// The shard's log has the entry at `index` for good: what is begun from now on stands after it.
  void seen(group_id shard, log_index index);

  /// The write is not sent any more, whatever became of it.
  void settle(group_id shard, std::uint64_t number);

  /// Forgets shards that are not in `alive` and to which nothing is on its way. One that is alive
  /// again after all (a catalog that was read anew may be behind for a moment) goes on with higher
  /// numbers: it would take a number that it knows for a write that it has applied.
  template <class IsAlive>
  void forget_unless(const IsAlive& alive) {
    std::erase_if(sessions_, [this, &alive](const auto& one) {
      if (!one.second.open.empty() || alive(one.first))
        return false;
      forgotten_ = std::max(forgotten_, one.second.last);
      return true;
    });
  }

private:
  struct session {
    std::uint64_t last = 0;       ///< Number given out.
    std::set<std::uint64_t> open; ///< Begun, not settled.
    log_index since;
  };

  session& of(group_id shard) {
    return sessions_.try_emplace(shard, session{forgotten_, {}, {}}).first->second;
  }

  shard::write_session own_;
  std::map<group_id, session> sessions_;
  std::uint64_t forgotten_ = 0; ///< The highest number given out in a session that was forgotten.
};

} // namespace grape::query
