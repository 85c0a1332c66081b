#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"

#include <cstdint>
#include <vector>

namespace grape::raft {

/// Ascending, without duplicates.
using replica_set = std::vector<replica_id>;

bool contains(const replica_set& set, replica_id which) noexcept;

/// Who belongs to a group. While `outgoing` is not empty the group is in a joint state: every
/// decision needs a majority of `voters` and a majority of `outgoing` (Ongaro 2014, section 4.3).
struct configuration {
  replica_set voters;
  replica_set outgoing;      ///< The voters before the joint change; empty when not joint.
  replica_set learners;      ///< Receive the log, do not count.
  replica_set learners_next; ///< Voters of `outgoing` that become learners when it is left.
  replica_set witnesses;     ///< Voters that keep log and hard state only, never points.
  bool auto_leave = false;   ///< The leader proposes leaving the joint state by itself.

  bool joint() const noexcept { return !outgoing.empty(); }
  bool is_voter(replica_id which) const noexcept;  ///< In `voters` or in `outgoing`.
  bool is_member(replica_id which) const noexcept; ///< Voter or learner of any kind.
  replica_set members() const;                     ///< All of them.

  friend bool operator==(const configuration&, const configuration&) = default;
};

/// Numbers stand on disk and on the wire.
enum class change_kind : std::uint8_t {
  add_voter = 1,   ///< Adds, or promotes a learner.
  add_learner = 2, ///< Adds, or demotes a voter.
  remove = 3,
  add_witness = 4, ///< A voter that holds no points.
};

struct change_step {
  change_kind kind{};
  replica_id which;

  friend bool operator==(const change_step&, const change_step&) = default;
};

/// Numbers stand on disk and on the wire.
enum class change_mode : std::uint8_t {
  automatic = 1, ///< At most one voter changes: simple; otherwise joint with auto-leave.
  joint = 2,     ///< Joint, and left only by an explicit `leave`.
  simple = 3,    ///< An error at apply, on every member alike, if more than one voter changes.
  leave = 4,     ///< Leaves the joint state; has no steps.
};

/// What a configuration entry says.
struct configuration_change {
  change_mode mode = change_mode::automatic;
  std::vector<change_step> steps; ///< Taken in this order.

  friend bool operator==(const configuration_change&, const configuration_change&) = default;
};

/// The configuration after a change. Errors (invalid, in words): more than one voter in a simple
/// change, a joint change in a joint state, leaving when not joint, a change that leaves no voter.
outcome<configuration> changed(const configuration& from, const configuration_change& how);

/// The parts of `changed`, as the changer's tables test them.
outcome<configuration> enter_joint(const configuration& from, const std::vector<change_step>& steps,
                                   bool auto_leave);
outcome<configuration> leave_joint(const configuration& from);
outcome<configuration> simple_change(const configuration& from,
                                     const std::vector<change_step>& steps);

} // namespace grape::raft
