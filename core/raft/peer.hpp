#pragma once

#include "core/raft/options.hpp"
#include "core/raft/output.hpp"
#include "core/raft/peer_status.hpp"
#include "core/raft/stable_log.hpp"
#include "core/status.hpp"

#include <variant>

namespace grape::raft {

/// What became of a proposal.
struct appended {
  log_index index;
  grape::term term;
};
struct forwarded {}; ///< Sent on to the known leader: what becomes of it is unknown.
struct dropped {
  errc why = errc::unavailable; ///< unavailable or overloaded; surely not applied.
};
using proposal = std::variant<appended, forwarded, dropped>;

/// What the host knows of a replica when it starts.
struct boot {
  hard_state state;
  log_index applied;      ///< The state machine's own durable marker.
  configuration members; ///< As of `applied`.
};

/// One replica of one Raft group: a deterministic state machine without input, output, clock or
/// thread. Its inputs are the functions that change it; whatever it wants done comes out of
/// take_output and persisted. A value: copyable, and equal inputs make equal outputs.
/// Not thread-safe. After Ongaro 2014 with PreVote, CheckQuorum, ReadIndex and joint consensus.
class peer {
public:
  /// `log` must outlive the peer and hold what boot's hard state stands for.
  peer(const options& how, const boot& from, const stable_log& log);

  // Inputs.
  void tick();
  void advance_clock(std::uint64_t now); ///< Of the leases: any unit that `lease_ticks` is in.
  void campaign();                       ///< As if the election timeout had fired.
  void step(message from_another);
  proposal propose(payload data);
  proposal propose(const configuration_change& change);
  void read(std::uint64_t context); ///< Comes back in output::reads or output::failed_reads.
  void transfer_to(replica_id target);
  void report_unreachable(replica_id which);
  void report_snapshot(replica_id to, bool arrived);
  void wake();                ///< Out of hibernation; the time asleep counts as elapsed.

  // The host's progress.
  std::vector<message> persisted(write_token token); ///< Returns what waited for that write.
  std::vector<entry> next_to_apply(std::size_t bytes_max) const; ///< Committed and durable.
  void applied(log_index through); ///< Of what next_to_apply gave; effects are durable.
  void compacted(log_index through);
  void fail(); ///< A write failed: the replica stops for good, and nothing leaves any more.

  // Output.
  bool has_output() const;
  output take_output();

  peer_status status() const;
};

} // namespace grape::raft
