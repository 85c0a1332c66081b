#pragma once

#include "core/raft/configuration.hpp"
#include "core/raft/output.hpp"

#include <cstdint>

namespace grape::raft {

/// Where a group begins with its first members nobody leads it, and all would wait for a timeout:
/// the first voter asks for votes at once, for ten election timeouts at most.
class first_campaign {
public:
  first_campaign() = default;

  first_campaign(const configuration& first_members, replica_id self, std::uint32_t election_ticks)
    : ticks_left_(!first_members.voters.empty() && first_members.voters.front() == self
                      ? 10 * election_ticks
                      : 0) {}

  /// Whether this tick is to be a campaign. Asked at each tick.
  bool takes_tick(const leadership& is) noexcept {
    if (ticks_left_ == 0 || is.leader != replica_id{})
      return false;
    --ticks_left_;
    return true;
  }

private:
  std::uint32_t ticks_left_ = 0;
};

} // namespace grape::raft
