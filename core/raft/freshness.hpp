#pragma once

#include "core/raft/message.hpp"
#include "core/raft/output.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace grape::raft {

/// What a message says about how much is committed.
struct commit_news {
  replica_id from;
  grape::term term;
  log_index commit; ///< All that is committed, as the leader knows; 0 = it says nothing of it.
};

commit_news news_of(const message& what);

/// How new the applied state of one replica surely is: the last moment at which it had applied
/// everything that was committed, as far as messages tell. The time that they were on their way is
/// not counted. Milliseconds on any clock that does not run backwards. Not thread-safe.
class freshness {
public:
  /// A message came; its replica stands as `is` after it.
  void heard(const commit_news& what, const leadership& is, std::uint64_t now_ms);

  /// This replica leads `members`, and all up to `certain` is committed (peer::certain_commit).
  void leads(const configuration& members, replica_id self, log_index certain,
             std::uint64_t now_ms);

  /// The state has everything up to here.
  void applied(log_index through);

  std::optional<std::uint64_t> known_ms() const noexcept { return known_ms_; }

private:
  void told(log_index commit, std::uint64_t when_ms);

  log_index applied_;
  std::optional<std::uint64_t> known_ms_;
  grape::term term_;
  std::map<replica_id, std::uint64_t> heard_ms_;           // In this term.
  std::deque<std::pair<log_index, std::uint64_t>> behind_; // Committed then, not yet applied.
};

/// The same for whoever reads from the replica.
struct fresh_mark {
  std::optional<std::uint64_t> known_ms; ///< Nothing: never since its start.
  bool alone = false;                    ///< It is all there is of its group.
  bool asleep = false;                   ///< As long as the others live nothing is committed,
  std::vector<node_number> others{};     ///< and these are their nodes.

  friend bool operator==(const fresh_mark&, const fresh_mark&) = default;
};

/// How far behind the group's commits a replica may be that stands so, in ms; nothing: nobody
/// knows. `others_heard_ms`: when the one of `others` was heard that was heard longest ago;
/// nothing: nobody listens to them.
std::optional<std::uint64_t> staleness_ms(const fresh_mark& of,
                                          std::optional<std::uint64_t> others_heard_ms,
                                          std::uint64_t now_ms);

} // namespace grape::raft
