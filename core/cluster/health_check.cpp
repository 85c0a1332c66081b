#include "core/cluster/health_check.hpp"

#include "core/cluster/words.hpp"

#include <algorithm>
#include <utility>

namespace grape::cluster {

namespace {

constexpr const char* lost_majority_words
    = "; if the disks of the others are lost for good, `grapectl node replace --lost-majority` "
      "with their names goes on from what is here";


std::string seconds(std::uint64_t ms) {
  return std::to_string(ms / 1'000) + " s";
}

/// Looks at everything in turn and notes what is wrong.
class check {
public:
  check(const metadata& state, const node_sight& seen, const health_limits& limits)
    : state_(state)
    , seen_(seen)
    , limits_(limits)
    , wanted_(state.placement()) {}

  std::vector<finding> findings() && {
    look_at_nodes();
    if (const auto at = state_.groups().find(metadata_group); at != state_.groups().end())
      look_at_group("metadata", at->second);
    for (const auto& [name, entry] : state_.collections())
      for (const auto& [number, group] : entry.groups) {
        const auto shard = shard_name(name, number);
        if (const auto at = state_.groups().find(group); at != state_.groups().end())
          look_at_group(shard, at->second);
        else
          look_at_replica_here(shard, group);
      }
    look_at_disk();
    std::stable_partition(found_.begin(), found_.end(),
                          [](const finding& one) { return one.how_bad == severity::critical; });
    return std::move(found_);
  }

private:
  void note(finding one) { found_.push_back(std::move(one)); }

  std::string name_of(node_number node) const {
    const auto at = state_.nodes().find(node);
    return at == state_.nodes().end() ? "node " + std::to_string(node.value) : at->second.name;
  }

  /// Can be asked from here, and the control plane does not count it out.
  bool serves(node_number node) const {
    const auto at = state_.nodes().find(node);
    return at != state_.nodes().end() && at->second.state != node_state::down
           && at->second.state != node_state::removed && at->second.state != node_state::expected
           && seen_.reaches(node);
  }

  void look_at_nodes() {
    for (const auto& [number, node] : state_.nodes()) {
      if (node.state == node_state::away)
        note({"node_away",
              severity::warning,
              node.name,
              {},
              "a majority of the nodes does not hear " + node.name
                  + "; if it stays away its replicas are replaced"});
      else if (node.state == node_state::down)
        note({"node_down",
              severity::critical,
              node.name,
              {},
              node.name + " is down: its replicas are being replaced"});
      else if (node.state == node_state::expected)
        note({"node_expected",
              severity::warning,
              node.name,
              {},
              node.name + " was replaced: start it with an empty data directory"});
      else if (node.state != node_state::removed && !seen_.reaches(number))
        look_at_link(number, node.name);
    }
  }

  void look_at_link(node_number number, const std::string& name) {
    const auto at = seen_.links.find(number);
    const auto why = at == seen_.links.end() ? std::string{} : at->second.last_error;
    const auto silent = at != seen_.links.end() && at->second.connected;
    note({"node_not_connected",
          severity::warning,
          name,
          {},
          name_of(seen_.self) + (silent ? " does not hear " : " has no connection to ") + name
              + (why.empty() ? "" : ": " + why)});
  }

  void look_at_group(const std::string& name, const shard_replicas& of) {
    look_at_voters(name, of);
    look_at_copies(name, of);
    look_at_replica_here(name, of.group);
    if (!of.move)
      return;
    const auto age = seen_.stage_ms.find(of.group);
    if (age != seen_.stage_ms.end() && age->second > limits_.stage_ms_max)
      note({"move_stuck",
            severity::warning,
            {},
            name,
            "the move of " + name + " has been " + std::string{to_string(of.move->stage)} + " for "
                + seconds(age->second)});
  }

  void look_at_voters(const std::string& name, const shard_replicas& of) {
    std::size_t voters = 0;
    std::size_t reached = 0;
    for (const auto& each : of.replicas)
      if (each.role != replica_role::learner) {
        ++voters;
        reached += seen_.reaches(each.node) ? 1 : 0;
      }
    if (2 * reached <= voters)
      return note({"shard_without_majority",
                   severity::critical,
                   {},
                   name,
                   name_of(seen_.self) + " reaches " + std::to_string(reached) + " of the "
                       + std::to_string(voters) + " voters of " + name
                       + ": no writes there, and no linearizable reads"
                       + (of.group == metadata_group ? lost_majority_words : "")});
    const auto here = seen_.groups.find(of.group);
    if (here != seen_.groups.end() && here->second.failed.ok() && !seen_.leaders.contains(of.group))
      note({"shard_without_leader",
            severity::critical,
            {},
            name,
            "the replica of " + name + " on " + name_of(seen_.self) + " knows no leader"});
  }

  void look_at_copies(const std::string& name, const shard_replicas& of) {
    const auto at = wanted_.groups.find(of.group);
    if (at == wanted_.groups.end())
      return;
    const auto& placed = at->second;
    std::string missing;
    std::size_t serving = 0;
    for (const auto node : placed.data)
      if (serves(node))
        ++serving;
      else
        missing += (missing.empty() ? "" : ", ") + name_of(node);
    // More than one on each node is a wish for more nodes, and no fault.
    const auto is_all_there_can_be = missing.empty() && serving >= wanted_.nodes.size();
    if (serving < placed.factor && !is_all_there_can_be)
      note({"shard_under_replicated",
            severity::warning,
            {},
            name,
            std::to_string(serving) + " of the " + std::to_string(placed.factor)
                + " replicas wanted of " + name + " serve"
                + (missing.empty() ? "" : "; without those on " + missing)});
    if (placed.data.size() % 2 == 0 && !placed.witness)
      note({"shard_without_witness",
            severity::warning,
            {},
            name,
            name + " has " + std::to_string(placed.data.size())
                + " replicas and no witness: writes stop while half of them are away"});
  }

  void look_at_replica_here(const std::string& name, group_id group) {
    const auto here = seen_.groups.find(group);
    if (here != seen_.groups.end() && !here->second.failed.ok())
      note({"replica_out_of_service", severity::critical, name_of(seen_.self), name,
            "the replica of " + name + " on " + name_of(seen_.self)
                + " is out of service: " + grape::to_string(here->second.failed)});
  }

  void look_at_disk() {
    if (seen_.disk_free_bytes && *seen_.disk_free_bytes < limits_.disk_free_bytes_min)
      note({"disk_full",
            severity::critical,
            name_of(seen_.self),
            {},
            "the disk of " + name_of(seen_.self) + " has only "
                + std::to_string(*seen_.disk_free_bytes >> 20) + " MiB left"});
  }

  const metadata& state_;
  const node_sight& seen_;
  const health_limits& limits_;
  layout wanted_;
  std::vector<finding> found_;
};

} // namespace

std::vector<finding> check_health(const metadata& state, const node_sight& seen,
                                  const health_limits& limits) {
  return check{state, seen, limits}.findings();
}

void move_ages::look(const metadata& state, std::uint64_t now_ms) {
  std::map<stage_key, std::uint64_t> next;
  for (const auto& [group, replicas] : state.groups())
    if (const auto& move = replicas.move) {
      const stage_key key{group, move->number, move->stage};
      const auto known = since_ms_.find(key);
      next.emplace(key, known == since_ms_.end() ? now_ms : known->second);
    }
  since_ms_ = std::move(next);
}

std::map<group_id, std::uint64_t> move_ages::stage_ms(std::uint64_t now_ms) const {
  std::map<group_id, std::uint64_t> all;
  for (const auto& [key, since] : since_ms_)
    all.emplace(std::get<group_id>(key), now_ms - since);
  return all;
}

} // namespace grape::cluster
