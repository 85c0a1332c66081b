#pragma once

#include "core/outcome.hpp"
#include "core/raft/configuration.hpp"
#include "core/raft/entry.hpp"

#include <map>

namespace grape::raft {

/// Who belonged to a group as of each index that its log can still be cut at: a snapshot's mark
/// names the members of its own index, not of today. Not thread-safe.
class member_history {
public:
  /// The members as of `since`, the index that the log begins after.
  member_history(log_index since, configuration members);

  /// An entry was applied, in order; entries of another kind change nothing, and neither does a
  /// change that the members refuse, on every replica alike. Errors: corrupted,
  /// wrong_version.
  status applied(const entry& next);

  /// As of `index`, which is not below the first one.
  const configuration& at(log_index index) const;

  const configuration& newest() const { return by_index_.rbegin()->second; }

  /// The entry that made the newest; the beginning, if none did.
  log_index since() const { return by_index_.rbegin()->first; }

  /// Nobody will ask for anything below `index` any more.
  void forget_below(log_index index);

private:
  std::map<log_index, configuration> by_index_; ///< Never empty.
};

} // namespace grape::raft
