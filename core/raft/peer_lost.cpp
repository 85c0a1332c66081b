#include "core/raft/peer.hpp"

#include <algorithm>
#include <tuple>

namespace grape::raft {

// A process that dies closes its connections at once, long before its followers' timeouts end. So
// whoever lost the connection to its leader asks for pre-votes soon. Those that lost it as well
// grant them; those that still hear the leader do not answer, so that a way that broke
// for one of them changes nothing. The voters take turns, so that no two split the votes.

namespace {

constexpr std::uint32_t attempts = 4; // The others may hear of the loss a little later than we do.

} // namespace

void peer::report_lost(replica_id which) {
  if (failed_)
    return;
  const bool slept = asleep_;
  wake();
  if (!how_.prevote || which == replica_id{} || which != leader_ || which == how_.self)
    return;
  fail_forwarded_reads();
  leader_ = {};
  early_ = {which, attempts, turn_after(which) * turn_ticks()};
  if (slept) {
    // The leader, if it lives, wakes as well: its heartbeats come first, to whoever can hear them.
    early_.ticks += turn_ticks();
    restart_timer();
  }
  if (early_.ticks == 0)
    campaign_early();
}

/// How many voters come before us: in a circle from the one that is lost, those with data first.
std::uint32_t peer::turn_after(replica_id lost) const {
  const auto place = [this, lost](replica_id which) {
    return std::tuple{contains(members_.witnesses, which), which < lost, which};
  };
  const auto all = members_.members();
  return static_cast<std::uint32_t>(std::count_if(all.begin(), all.end(), [&](replica_id which) {
    return which != lost && members_.is_voter(which) && place(which) < place(how_.self);
  }));
}

std::uint32_t peer::turn_ticks() const noexcept {
  return std::max(2u, how_.election_ticks / 5);
}

void peer::tick_early() {
  if (early_.left > 0 && --early_.ticks == 0)
    campaign_early();
}

/// The election timeout goes on beside it.
void peer::campaign_early() {
  --early_.left;
  early_.ticks = std::max(1u, how_.election_ticks / 10);
  if (lease_owed_ == 0) // Our vote is owed like any other.
    start_election(election::early);
}

/// Who asked in vain, for its log ends before ours, need not wait for a turn of ours if it cannot
/// win without us.
void peer::overtake(const message& refused) {
  if (early_.left == 0 || log_.is_behind_or_at(refused.index, refused.log_term)
      || turn_after(early_.lost) > 1)
    return;
  const auto others = [this](replica_id which) -> std::optional<bool> {
    return which != how_.self && which != early_.lost;
  };
  if (count_votes(members_, others) == vote_result::lost)
    campaign_early();
}

} // namespace grape::raft
