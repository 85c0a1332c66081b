#include "tests/simulation/cluster.hpp"

#include <algorithm>

namespace grape::simulation {

/// Numbers each fault, so that a shrink can leave out one by one. What follows draws the same.
bool cluster::strikes(fault kind) {
  ++faults_;
  record next;
  next.at = now_;
  next.event = "fault";
  next.what = to_string(kind);
  next.count = faults_;
  const auto happens = how_.may(kind) && !options_.suppressed.contains(faults_);
  if (happens)
    trace_.add(next);
  return happens;
}

node* cluster::some_node(const std::function<bool(const node&)>& fits) {
  const auto first = static_cast<std::size_t>(fault_luck_.below(nodes_.size()));
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    auto& each = *nodes_[(first + i) % nodes_.size()];
    if (fits(each))
      return &each;
  }
  return nullptr;
}

void cluster::misfortune_crash() {
  const auto leaders_only = fault_luck_.one_in(3);
  const auto all = fault_luck_.one_in(how_.requests_lost ? 200 : 12);
  const auto back_at = now_ + 1 + fault_luck_.exponential(how_.down_for);
  auto* who = some_node([&](const node& each) {
    const auto role = each.before.role;
    if (how_.requests_lost && !all)
      return each.up() && role == raft::role::candidate && each.storage.queued() != 0;
    return each.up() && (!leaders_only || role == raft::role::leader);
  });
  if (who == nullptr || !strikes(fault::crash))
    return;
  for (const auto& each : nodes_)
    if (each->up() && (all || each.get() == who)) {
      crash(*each);
      schedule(back_at + (all ? host_luck_.below(second) : 0), event_kind::restart, each->number);
    }
}

void cluster::misfortune_pause() {
  const auto until = now_ + 1 + fault_luck_.exponential(how_.pause_for);
  const auto leaders_only = fault_luck_.one_in(2);
  auto* who = some_node([&](const node& each) {
    return each.runs() && (!leaders_only || each.before.role == raft::role::leader);
  });
  if (who != nullptr && strikes(fault::pause))
    pause(*who, until);
}

void cluster::misfortune_partition() {
  if (how_.leases_forgotten)
    return cut_in_turn();
  const auto until = now_ + 1 + fault_luck_.exponential(how_.partition_for);
  const auto target = fault_luck_.one_in(4) ? some_node([](const node& each) {
    return each.up() && each.before.role == raft::role::leader;
  })
                                            : nullptr;
  if (!strikes(fault::partition))
    return;
  if (target != nullptr) {
    net_.heal();
    net_.isolate(target->number);
    note("partition", nullptr, "leader");
  } else {
    note("partition", nullptr, to_string(net_.partition()));
  }
  schedule(until, event_kind::heal);
}

/// First a follower is cut off, until it wants to be elected. Then the leader instead, while its
/// lease lasts; and another follower, which gave it that lease, restarts.
void cluster::cut_in_turn() {
  const auto cuts_leader = !cut_leader_;
  const auto until = now_ + 1 + fault_luck_.exponential(how_.partition_for);
  const auto back_at = now_ + 1 + fault_luck_.exponential(how_.down_for);
  const auto* target = some_node([cuts_leader](const node& each) {
    return each.up() && (each.before.role == raft::role::leader) == cuts_leader;
  });
  auto* forgets = some_node([](const node& each) {
    return each.up() && each.before.role == raft::role::follower;
  });
  if (target == nullptr || !strikes(fault::partition))
    return;
  net_.heal();
  net_.isolate(target->number);
  cut_leader_ = cuts_leader;
  note("partition", nullptr, cuts_leader ? "leader" : "follower");
  if (!cuts_leader)
    return;
  schedule(until, event_kind::heal);
  if (forgets == nullptr || !strikes(fault::crash))
    return;
  crash(*forgets);
  schedule(back_at, event_kind::restart, forgets->number);
}

/// A failed write stops a replica for good; its node gets a new one, under a new id. Only as
/// many fail as the group can repair.
void cluster::misfortune_disk() {
  auto* who = some_node([](const node& each) { return each.runs() && !each.retired; });
  if (who == nullptr)
    return;
  who->lost = true;
  const auto alive = [this](replica_id each) {
    const auto* found = find(each);
    return found != nullptr && !found->lost;
  };
  const auto all = possible_configurations();
  const auto repairable =
      std::all_of(all.begin(), all.end(), [&](const auto& each) {
        return is_quorum(each, alive) && keeps_data(each);
      });
  who->lost = false;
  if (!repairable || !strikes(fault::disk_error))
    return;
  counts_.hit(rare::disk_failed);
  who->peer->fail();
  settle(*who);
  if (who->up())
    crash(*who);
  who->lost = true;
}

void cluster::misfortune_clock() {
  const auto rate = static_cast<std::uint32_t>(fault_luck_.between(how_.rate_min, how_.rate_max));
  const auto jump = fault_luck_.one_in(3) ? fault_luck_.below(10) * second : 0;
  auto* who = some_node([](const node& each) { return each.up(); });
  if (who != nullptr && strikes(fault::clock))
    who->set_clock(now_, rate, jump);
}

/// Often a follower's to its leader.
void cluster::misfortune_connection() {
  const auto leader = some_node([](const node& each) {
    return each.up() && each.before.role == raft::role::leader;
  });
  auto* one = fault_luck_.one_in(2) ? leader : nullptr;
  if (one == nullptr)
    one = some_node([](const node& each) { return each.up(); });
  auto* other = some_node([one](const node& each) { return each.up() && &each != one; });
  if (one == nullptr || other == nullptr || !strikes(fault::connection))
    return;
  connection_ends(*other, *one, connection_luck_.exponential(how_.ends_told_mean));
  if (connection_luck_.one_in(2))
    connection_ends(*one, *other, connection_luck_.exponential(how_.ends_told_mean));
}

/// A full disk takes no proposals, and its node does not want to lead. The reserve still takes
/// what others propose.
void cluster::misfortune_full() {
  const auto until = now_ + 1 + fault_luck_.exponential(how_.no_space_for);
  auto* who = some_node([](const node& each) { return each.runs(); });
  if (who == nullptr || !strikes(fault::no_space))
    return;
  who->full = true;
  schedule(until, event_kind::heal, who->number, 1);
  if (who->before.role != raft::role::leader)
    return;
  const auto& voters = who->state.members->voters;
  before_input(*who);
  who->peer->transfer_to(fault_luck_.pick(voters));
  settle(*who);
}

} // namespace grape::simulation
