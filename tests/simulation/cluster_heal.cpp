#include "tests/simulation/cluster.hpp"
#include "tests/simulation/violation.hpp"

#include <algorithm>
#include <numeric>
#include <string>

namespace grape::simulation {

namespace {

constexpr std::uint64_t patience_in_timeouts = 20; ///< Of T ticks each.

} // namespace

/// The storm is over: a random core of the group has peace from now on, all others are gone. If
/// no quorum is left to be that core, there is nothing to see.
void cluster::heal() {
  calm_ = true;
  calm_since_ = now_;
  net_.calm();
  how_.write_mean = std::min<instant>(how_.write_mean, 2 * millisecond);
  how_.apply_mean = std::min<instant>(how_.apply_mean, 2 * millisecond);
  how_.stream_mean = std::min<instant>(how_.stream_mean, 100 * millisecond);
  how_.think_mean = std::min<instant>(how_.think_mean, 100 * millisecond);
  how_.client_patience = second;
  for (const auto& each : nodes_) {
    each->full = false;
    each->set_clock(now_, 1'000, 0);
    resume(*each);
    while (each->up() && each->storage.queued() != 0)
      wrote(*each);
    each->disk_free_at = now_;
  }
  for (const auto& each : queue_.take(event_kind::streamed))
    streamed(each.slot);
  retire_removed();
  healed_ = choose_core();
  note("calm", nullptr, healed_ ? "core" : "no core");
  if (!healed_)
    return;
  for (const auto& each : nodes_) {
    if (!core_[each->number] && each->up()) {
      if (fault_luck_.one_in(2))
        crash(*each);
      else
        net_.isolate(each->number);
    } else if (core_[each->number] && !each->up()) {
      start(*each);
    }
  }
  for (std::uint32_t i = 0; i < clients_.size(); ++i)
    schedule(now_ + 1 + client_luck_.below(second), event_kind::client, i, ++clients_[i].turn);
}

/// Whoever was removed is told so by its host; but not before no member can go by its vote any
/// more, also not after a restart (raft::peer_status::settled). Until then an election may need it.
void cluster::retire_removed() {
  const auto& members = laws_.members();
  for (const auto& each : nodes_) {
    const auto member = members.is_member(each->id);
    each->was_member |= member;
    if (!each->was_member || member || each->retired)
      continue;
    const auto needed = std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& other) {
      const auto known = laws_.members_at(other->up() ? other->peer->status().settled
                                                      : other->storage.settled());
      return !other->lost && members.is_member(other->id) && known && known->is_voter(each->id);
    });
    if (needed)
      continue;
    if (each->up())
      crash(*each);
    each->retired = true;
  }
}

/// Somebody whose log and configuration let it win an election among the core. A demoted voter may
/// have the longest log, refuse everybody who knows less, and not campaign itself.
bool cluster::has_electable() const {
  const auto knows_less = [](const node& a, const node& b) {
    const auto& x = a.storage.durable();
    const auto& y = b.storage.durable();
    const auto x_term = x.at(x.last()).term;
    const auto y_term = y.at(y.last()).term;
    return x_term < y_term || (x_term == y_term && x.last() < y.last());
  };
  return std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& each) {
    return core_[each->number] && each->state.members->is_voter(each->id)
           && is_quorum(*each->state.members, [&](replica_id other) {
                const auto number = static_cast<std::size_t>(other.value - 1);
                return core_[number] && !knows_less(*each, *nodes_[number]);
              });
  });
}

/// A quorum of every configuration that its members may go by, and perhaps more.
bool cluster::choose_core() {
  std::vector<std::size_t> order(nodes_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (auto i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[static_cast<std::size_t>(fault_luck_.below(i))]);
  std::fill(core_.begin(), core_.end(), false);
  auto complete = false;
  for (const auto place : order) {
    const auto& each = *nodes_[place];
    if (each.lost || each.retired || (complete && !fault_luck_.one_in(4)))
      continue;
    core_[place] = true;
    const auto still = is_core();
    if (complete && !still)
      core_[place] = false; // It remembers a configuration that needs yet others.
    complete = complete || still;
  }
  return complete;
}

bool cluster::is_core() const {
  const auto inside = [this](replica_id each) {
    return core_[static_cast<std::size_t>(each.value - 1)];
  };
  const auto all = possible_configurations();
  return has_electable() && std::all_of(all.begin(), all.end(), [&](const auto& members) {
           return has_data(members) && is_quorum(members, inside);
         });
}

/// As keeps_data, within the core: a quorum of witnesses alone has nobody to hand over to.
bool cluster::has_data(const raft::configuration& members) const {
  const auto witness = [&](const node& each) {
    return core_[each.number] && raft::contains(members.witnesses, each.id);
  };
  const auto holds_data = [&](const node& each) {
    return core_[each.number] && raft::contains(members.voters, each.id) && !witness(each)
           && each.state.applied != log_index{};
  };
  return std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& each) {
    return holds_data(*each) && std::all_of(nodes_.begin(), nodes_.end(), [&](const auto& other) {
             return !witness(*other) || other->storage.snapshot().index <= each->storage.last();
           });
  });
}

/// One leader, equal logs, everybody answered.
bool cluster::converged() {
  retire_removed();
  const auto timeout = how_.peer.election_ticks * tick_us;
  if (now_ > calm_since_ + patience_in_timeouts * timeout)
    complain();
  const auto& members = laws_.members();
  std::size_t leaders = 0;
  for (const auto& each : nodes_) {
    if (!core_[each->number] || each->retired || !members.is_member(each->id))
      continue;
    leaders += each->before.role == raft::role::leader ? 1 : 0;
    if (!each->up() || each->state.applied != laws_.last_committed()
        || each->log.last() != laws_.last_committed())
      return false;
  }
  return leaders == 1 && std::all_of(clients_.begin(), clients_.end(), [](const client& each) {
           return each.finished_calm && !each.waits;
         });
}

void cluster::complain() const {
  std::string what = "no convergence; committed " + std::to_string(laws_.last_committed().value);
  const auto& members = laws_.members();
  for (const auto& [name, set] : {std::pair{"; voters", &members.voters},
                                  {"; outgoing", &members.outgoing},
                                  {"; learners", &members.learners},
                                  {"; witnesses", &members.witnesses}}) {
    what += name;
    for (const auto each : *set)
      what += " " + std::to_string(each.value);
  }
  for (const auto& each : nodes_) {
    if (!core_[each->number])
      continue;
    what += "; " + std::to_string(each->id.value) + " ";
    what += each->up() ? to_string(each->before.role) : std::string_view{"down"};
    what += " term " + std::to_string(each->before.term.value);
    what += " applied " + std::to_string(each->state.applied.value);
    what += " last " + std::to_string(each->log.last().value);
  }
  for (const auto& each : clients_)
    if (each.waits || !each.finished_calm)
      what += each.reads ? "; a read waits" : "; a write waits";
  throw violation("liveness", what);
}

} // namespace grape::simulation
