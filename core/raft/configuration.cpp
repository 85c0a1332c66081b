// Changing the members of a group, as etcd's raft/confchange does it: a demoted voter
// votes until the joint state is left, and there is always a voter.

#include "core/raft/configuration.hpp"

#include <algorithm>
#include <string>

namespace grape::raft {

namespace {

void insert(replica_set& into, replica_id which) {
  const auto place = std::lower_bound(into.begin(), into.end(), which);
  if (place == into.end() || *place != which)
    into.insert(place, which);
}

void erase(replica_set& from, replica_id which) {
  const auto place = std::lower_bound(from.begin(), from.end(), which);
  if (place != from.end() && *place == which)
    from.erase(place);
}

std::size_t difference(const replica_set& a, const replica_set& b) {
  replica_set either;
  std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(),
                                std::back_inserter(either));
  return either.size();
}

status refused(std::string why) {
  return {errc::invalid, "a change of members " + std::move(why)};
}

/// Applies steps to `voters` and the learners of a configuration.
class changer {
public:
  explicit changer(configuration from) : witnesses_before_(from.witnesses), to_(std::move(from)) {
  }

  outcome<configuration> after(const std::vector<change_step>& steps) && {
    for (const auto& step : steps) {
      if (step.which == replica_id{})
        return refused("names replica 0");
      if (auto taken = take(step); !taken.ok())
        return taken;
    }
    if (to_.voters.empty())
      return refused("leaves no voter");
    if (std::includes(to_.witnesses.begin(), to_.witnesses.end(), to_.voters.begin(),
                      to_.voters.end()))
      return refused("leaves no voter that holds points");
    return std::move(to_);
  }

private:
  status take(const change_step& step) {
    switch (step.kind) {
    case change_kind::add_voter:
    case change_kind::add_learner:
      // It has no points, and no snapshot would follow: a new replica takes its place.
      if (is_witness(step.which))
        return refused("gives points to replica " + std::to_string(step.which.value)
                       + ", which is a witness; remove it and add a new replica");
      if (step.kind == change_kind::add_voter)
        add_voter(step.which);
      else
        add_learner(step.which);
      return {};
    case change_kind::add_witness:
      if (to_.is_voter(step.which) && !is_witness(step.which))
        return refused("makes a witness of replica " + std::to_string(step.which.value)
                       + ", which is a voter that holds points");
      add_voter(step.which);
      insert(to_.witnesses, step.which);
      return {};
    case change_kind::remove:
      remove(step.which);
      return {};
    }
    return refused("has a step of an unknown kind");
  }

  bool is_witness(replica_id which) const {
    return contains(to_.witnesses, which) || contains(witnesses_before_, which);
  }

  void add_voter(replica_id which) {
    erase(to_.learners, which);
    erase(to_.learners_next, which);
    insert(to_.voters, which);
  }

  void add_learner(replica_id which) {
    if (contains(to_.learners, which))
      return;
    erase(to_.voters, which);
    // While it still votes in the old set it cannot be a learner too.
    insert(contains(to_.outgoing, which) ? to_.learners_next : to_.learners, which);
  }

  void remove(replica_id which) {
    erase(to_.voters, which);
    erase(to_.learners, which);
    erase(to_.learners_next, which);
    if (!contains(to_.outgoing, which))
      erase(to_.witnesses, which);
  }

  const replica_set witnesses_before_;
  configuration to_;
};

/// Automatic: whatever one quorum rule can bear is simple.
outcome<configuration> automatic_change(const configuration& from,
                                        const std::vector<change_step>& steps) {
  if (from.joint())
    return refused("while in a joint state");
  auto to = changer(from).after(steps);
  if (to && difference(from.voters, to->voters) > 1)
    return enter_joint(from, steps, true);
  return to;
}

} // namespace

bool contains(const replica_set& set, replica_id which) noexcept {
  return std::binary_search(set.begin(), set.end(), which);
}

bool configuration::is_voter(replica_id which) const noexcept {
  return contains(voters, which) || contains(outgoing, which);
}

bool configuration::is_member(replica_id which) const noexcept {
  return is_voter(which) || contains(learners, which) || contains(learners_next, which);
}

replica_set configuration::members() const {
  replica_set all;
  for (const auto* part : {&voters, &outgoing, &learners, &learners_next})
    all.insert(all.end(), part->begin(), part->end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

outcome<configuration> changed(const configuration& from, const configuration_change& how) {
  switch (how.mode) {
  case change_mode::automatic: return automatic_change(from, how.steps);
  case change_mode::joint: return enter_joint(from, how.steps, false);
  case change_mode::simple: return simple_change(from, how.steps);
  case change_mode::leave: return leave_joint(from);
  }
  return refused("of an unknown mode");
}

outcome<configuration> enter_joint(const configuration& from, const std::vector<change_step>& steps,
                                   bool auto_leave) {
  if (from.joint())
    return refused("while in a joint state");
  if (from.voters.empty())
    return refused("enters a joint state without a voter");
  auto joint = from;
  joint.outgoing = joint.voters;
  joint.auto_leave = auto_leave;
  return changer(std::move(joint)).after(steps);
}

outcome<configuration> leave_joint(const configuration& from) {
  if (!from.joint())
    return refused("leaves a joint state that is not there");
  auto to = from;
  for (const auto next : to.learners_next)
    insert(to.learners, next);
  to.learners_next.clear();
  to.outgoing.clear();
  to.auto_leave = false;
  std::erase_if(to.witnesses, [&](replica_id which) { return !contains(to.voters, which); });
  return to;
}

outcome<configuration> simple_change(const configuration& from,
                                     const std::vector<change_step>& steps) {
  if (from.joint())
    return refused("while in a joint state");
  auto to = changer(from).after(steps);
  // Two majorities that differ by more than one voter may miss each other.
  if (to && difference(from.voters, to->voters) > 1)
    return refused("alters more than one voter without a joint state");
  return to;
}

} // namespace grape::raft
