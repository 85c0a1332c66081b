#include "tests/simulation/fleet/world.hpp"

#include <algorithm>
#include <array>

namespace grape::fleet {

namespace {

constexpr std::size_t hosts_max = 12; ///< In all of a run; lost ones count.
constexpr std::size_t nodes_max = 7;

using cluster::node_state;

} // namespace

host* world::some_host(const std::function<bool(const host&)>& fits) {
  const auto first = static_cast<std::size_t>(fault_luck_.below(hosts_.size()));
  for (std::size_t i = 0; i < hosts_.size(); ++i)
    if (auto& each = *hosts_[(first + i) % hosts_.size()]; fits(each))
      return &each;
  return nullptr;
}

void world::misfortune_crash() {
  const auto all = fault_luck_.one_in(12);
  const auto wants_leader = fault_luck_.one_in(3);
  const auto* control = leader_of(cluster::metadata_group);
  const auto span = fault_luck_.exponential(how_.how.down_for);
  auto* who = some_host([&](const host& each) {
    return each.up && (!wants_leader || control == nullptr || each.place == control->number);
  });
  if (who == nullptr)
    return;
  for (const auto& each : hosts_)
    if (each->up && (all || each.get() == who))
      crash(*each, span);
}

void world::misfortune_pause() {
  auto* who = some_host([](const host& each) { return each.runs(); });
  const auto span = fault_luck_.exponential(how_.how.pause_for);
  if (who != nullptr)
    pause(*who, span);
}

void world::misfortune_partition() {
  ++faults_;
  const auto* control = leader_of(cluster::metadata_group);
  if (control != nullptr && fault_luck_.one_in(4)) {
    net_.heal();
    net_.isolate(control->number);
    say("cut off " + hosts_[control->number]->name);
  } else {
    say("partition " + std::string{to_string(net_.partition())});
  }
  const auto mine = ++partitions_;
  agenda_.after(1 + fault_luck_.exponential(how_.how.partition_for), [this, mine] {
    if (mine != partitions_)
      return;
    say("heal");
    net_.heal();
  });
}

void world::misfortune_clog() {
  net_.clog(agenda_.now() + fault_luck_.exponential(how_.how.clog_for));
}

/// Whether every group can go on without that disk. Asked only while nothing moves, so that it is
/// plain who counts.
bool world::survives(const host& loss) const {
  for (const auto& [group, replicas] : control_->groups()) {
    const auto& members = laws_.at(group)->members();
    if (replicas.move || members.joint() || members.members().size() != replicas.replicas.size())
      return false;
    auto has_data = false;
    auto settled = true;
    const auto alive = [&, group = group](replica_id each) {
      const auto* found = find({group, each});
      if (found == nullptr)
        return false;
      settled = settled && *found->state.members == members
                && found->storage.durable().last_change(found->storage.durable().last())
                       <= found->state.applied;
      const auto& where = *hosts_[found->number];
      const auto is = !where.lost && &where != &loss;
      has_data = has_data || (is && !raft::contains(members.witnesses, each));
      return is;
    };
    const auto quorum = simulation::is_quorum(members, alive);
    if (!quorum || !has_data || !settled)
      return false;
  }
  return !control_->groups().empty();
}

/// There is a node whose disk is lost, and that was not replaced yet.
bool world::waits_for_operator() const {
  return std::any_of(hosts_.begin(), hosts_.end(), [this](const auto& each) {
    const auto node = control_->nodes().find(each->number());
    return each->lost
           && (node == control_->nodes().end() || node->second.state != node_state::removed);
  });
}

/// Not on a node that is lost: with one replica nothing would be left.
void world::create(const std::string& name, std::uint32_t shards) {
  if (waits_for_operator())
    return;
  created_at_ = agenda_.now();
  cluster::create_collection made{name, {}};
  made.options.vectors[""].size = 4;
  made.options.shard_number = shards;
  made.options.replication_factor = how_.factor;
  propose(made);
}

/// A disk fails for good; the operator will say so. One at a time.
void world::misfortune_disk() {
  if (hosts_.size() >= hosts_max
      || std::any_of(hosts_.begin(), hosts_.end(), [this](const auto& each) {
           const auto node = control_->nodes().find(each->number());
           return each->lost
                  && (node == control_->nodes().end() || node->second.state != node_state::removed);
         }))
    return;
  auto* who = some_host([this](const host& each) {
    const auto node = control_->nodes().find(each.number());
    return !each.lost && node != control_->nodes().end()
           && node->second.state != node_state::removed && survives(each);
  });
  if (who == nullptr)
    return;
  ++faults_;
  say("lose the disk of " + who->name);
  crash(*who);
  who->lost = true;
}

/// The moment a stage is recorded somebody who matters to the move dies.
void world::kill_at_stage(const cluster::shard_replicas& group) {
  const auto* control = leader_of(cluster::metadata_group);
  const auto* leader = leader_of(group.group);
  std::array<std::optional<std::uint32_t>, 4> places;
  if (control != nullptr)
    places[0] = control->number;
  if (leader != nullptr)
    places[1] = leader->number;
  if (group.move->from)
    places[2] = group.move->from->node.value - 1;
  if (group.move->to)
    places[3] = group.move->to->node.value - 1;
  const auto chosen = fault_luck_.pick(places);
  const auto after = fault_luck_.below(400) * millisecond;
  const auto span = fault_luck_.exponential(how_.how.down_for);
  if (!chosen || *chosen >= hosts_.size())
    return;
  ++done_.stage_kills;
  agenda_.after(1 + after, [this, &who = *hosts_[*chosen], span] {
    if (who.up && !calm_)
      crash(who, span);
  });
}

/// Whether a node can be spared.
bool world::may_leave() const {
  std::size_t active = 0;
  for (const auto& [number, node] : control_->nodes()) {
    if (node.state == node_state::leaving || node.state == node_state::down)
      return false;
    active += node.state == node_state::active ? 1 : 0;
  }
  const std::size_t needed = how_.factor + 1 - how_.factor % 2;
  return active > std::max<std::size_t>(3, needed);
}

/// Somebody who sees everything, and tells whoever leads.
void world::operate() {
  if (control_->cluster_id().empty())
    return;
  const node_number any{static_cast<std::uint32_t>(1 + fault_luck_.below(hosts_.size()))};
  const auto nodes = control_->placement().nodes.size();
  switch (fault_luck_.below(5)) {
    case 0:
      if (hosts_.size() < hosts_max && nodes < nodes_max)
        propose(cluster::add_node{
            {"n" + std::to_string(hosts_.size() + 1), "", "", 0, node_state::active}});
      break;
    case 1:
      if (may_leave() && control_->nodes().contains(any)
          && control_->nodes().at(any).state == node_state::active)
        propose(cluster::set_node_state{any, node_state::leaving});
      break;
    case 2: create("more", 1); break;
    case 3: propose(cluster::delete_collection{"more"}); break;
    case 4: {
      const auto& groups = control_->groups();
      const auto one =
          std::next(groups.begin(), static_cast<std::ptrdiff_t>(fault_luck_.below(groups.size())));
      const auto& replicas = one->second.replicas;
      const auto& from = replicas[static_cast<std::size_t>(fault_luck_.below(replicas.size()))];
      propose(cluster::begin_move{
          {one->first, from.node, any, from.role == cluster::replica_role::witness}});
      break;
    }
    default: break;
  }
}

/// What an operator sees to in any weather.
void world::attend() {
  if (!control_->cluster_id().empty() && !control_->collections().contains("words"))
    create("words", how_.shards);
  replace_lost();
  welcome();
  if (calm_)
    keep_enough();
  agenda_.after(second, [this] { attend(); });
}

/// Two wishes that were under way at a time may have asked too many to leave.
void world::keep_enough() {
  std::size_t active = 0;
  std::optional<node_number> leaving;
  for (const auto& [number, node] : control_->nodes()) {
    active += node.state == node_state::active ? 1 : 0;
    if (node.state == node_state::leaving)
      leaving = number;
  }
  if (leaving && active < std::max<std::size_t>(3, how_.factor + 1 - how_.factor % 2))
    propose(cluster::set_node_state{*leaving, node_state::active});
}

void world::replace_lost() {
  for (const auto& each : hosts_) {
    const auto node = control_->nodes().find(each->number());
    if (each->lost && node != control_->nodes().end() && node->second.state != node_state::removed)
      propose(cluster::replace_node{{each->name, "", "", 0, node_state::active}});
  }
}

/// The process of a node that the metadata group has taken in.
void world::welcome() {
  for (auto next = hosts_.size() + 1;
       control_->nodes().contains(node_number{static_cast<std::uint32_t>(next)}); ++next) {
    ++done_.joined;
    start(add_host(control_->nodes().at(node_number{static_cast<std::uint32_t>(next)}).name));
  }
}

} // namespace grape::fleet
