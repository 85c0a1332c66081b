#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/shard/acknowledgement.hpp"
#include "core/shard/write_pipeline.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace grape::shard {

/// The writes that the leader of a replicated shard has proposed to its group: what it lets in, and
/// which of them an entry that was applied is. An entry is a proposal's only if index and term are;
/// a proposal whose place another entry took surely never takes effect. Knows no log and no store;
/// not thread-safe.
class proposals {
public:
  explicit proposals(const pipeline_limits& limits)
    : limits_(limits) {}

  /// This replica leads in `term` and has everything before it once `first` is applied. Returns the
  /// proposals of earlier terms that surely never take effect: their places are behind the end of
  /// the log that this term began with, and a leader has all that is committed.
  std::vector<std::uint64_t> lead(term now, log_index first);

  /// It leads no more. What is open may still take effect.
  void follow();

  bool leads() const noexcept { return leads_; }

  /// Leads, and knows what stands at the end of its log.
  bool is_ready() const noexcept { return leads_ && schema_.has_value(); }

  /// A batch of points that wants to be let in.
  struct batch {
    schema_version validated_against;
    std::size_t bytes = 0;
    std::uint64_t now_ms = 0; ///< On any clock that does not run backwards.
    bool again = false;       ///< Another attempt may have taken effect: only applying it tells.
  };

  /// The number of a batch to propose now. Errors, all of them surely not applied: unavailable
  /// (does not lead, or not yet), stale_route (another schema is in the log; never to a second
  /// attempt, which the shard's sessions must judge), too_large, overloaded.
  outcome<std::uint64_t> propose_points(const batch& asked);
  outcome<std::uint64_t> propose_points(schema_version validated_against, std::size_t bytes) {
    return propose_points({validated_against, bytes, 0, false});
  }

  /// Whether a write may be acknowledged that no majority has, or too much waits for one: the lag
  /// of what is open at `now_ms`. overloaded.
  status check_lag(std::uint64_t now_ms, const async_limits& limits) const;

  /// The same for a change of schema; nothing: the log says so already. Errors: unavailable,
  /// too_large.
  outcome<std::optional<std::uint64_t>> propose_schema(schema_version next, std::size_t bytes);

  /// The group has appended the proposal; what becomes of it is open. One that stood at this index
  /// in an earlier term surely never takes effect: a leader's log has all that is committed.
  void taken(std::uint64_t ticket, log_index index, term in);

  /// The proposal that was appended at this index, and is neither committed nor refused.
  std::optional<std::uint64_t> open_at(log_index index) const;

  /// The group has not: surely not applied. False: nobody waits for it.
  bool refused(std::uint64_t ticket);

  /// What an entry that is committed means for those who wait.
  struct fate {
    std::optional<std::uint64_t> won;  ///< It is this proposal.
    std::optional<std::uint64_t> lost; ///< It took this proposal's place.
    /// Only applying it tells whether it holds: a change of schema that it counted on was refused.
    bool doubtful = false;
  };

  fate committed(log_index index, term in);

  /// The state has everything up to `through` and lives by `schema`.
  void applied(log_index through, schema_version schema);

  /// Proposals that are neither committed nor refused.
  std::size_t open() const noexcept { return by_ticket_.size(); }

  /// The schema at the end of the log, while `is_ready`.
  std::optional<schema_version> schema() const noexcept { return schema_; }

private:
  struct proposal {
    std::size_t bytes = 0;
    std::optional<std::uint64_t> since_ms; // Of a batch of points.
    bool changes_schema = false;
    log_index index{}; // 0: not appended yet.
    term in{};
  };

  status check(std::size_t bytes, bool always) const;
  std::uint64_t let_in(const proposal& one);
  void erase(std::uint64_t ticket);

  pipeline_limits limits_;
  bool leads_ = false;
  log_index first_{};
  std::optional<schema_version> schema_;
  std::uint64_t last_ticket_ = 0;
  std::uint64_t doubtful_through_ = 0; ///< Tickets up to here counted on a schema that is not.
  std::map<std::uint64_t, proposal> by_ticket_;
  std::map<log_index, std::uint64_t> by_index_;
  std::size_t bytes_ = 0;
};

} // namespace grape::shard
