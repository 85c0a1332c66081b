#pragma once

#include "core/cluster/coordinator.hpp"
#include "core/cluster/host_reports.hpp"
#include "core/cluster/liveness.hpp"
#include "core/cluster/metadata.hpp"
#include "tests/simulation/fleet/agenda.hpp"
#include "tests/simulation/fleet/modelled_group.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace grape::fleet {

/// How fast the modelled part of a large world is.
struct fleet_pace {
  instant election_min = 1 * second; ///< Without its leader a group elects another one after
  instant election_mean = 500 * millisecond; ///< these two.
  instant copy_min = 1 * second;             ///< A learner has the data after these two.
  instant copy_mean = 5 * second;
  instant index_mean = 2 * second;
  cluster::coordinator_options coordination;
};

/// A large cluster in virtual time. Real code of the core: metadata, placement, coordinator,
/// migration, liveness, reports, what a node hosts. Modelled: each group of replicas, the metadata
/// group too, decides as one (`modelled_group`); a commit is one round trip; data are a delay. Only
/// what the metadata group's voters hear is simulated, since only they say who is down.
class modelled_fleet {
public:
  /// Founds the cluster. `nodes` is at least 1.
  modelled_fleet(std::uint64_t seed, std::uint32_t nodes, const fleet_pace& pace);

  /// Closures hold its address.
  modelled_fleet(const modelled_fleet&) = delete;
  modelled_fleet& operator=(const modelled_fleet&) = delete;

  // What an operator or misfortune does.
  void create(std::uint32_t shards, std::uint32_t factor);
  node_number add_node();
  void kill(node_number which);
  void revive(node_number which);

  void pass(instant span);
  /// Until `holds` does, looked at every second. Throws `violation` after `patience`.
  void until(const char* what, const std::function<bool()>& holds, instant patience);

  // What is seen from outside.
  const cluster::metadata& state() const noexcept { return *state_; }
  instant now() const noexcept { return agenda_.now(); }
  std::uint64_t steps() const noexcept { return agenda_.steps(); }
  std::uint64_t messages() const noexcept { return messages_; }
  std::uint64_t digest() const noexcept { return digest_; }
  bool is_moving() const;
  std::size_t led_by(node_number which) const;
  std::size_t leaderless() const;

  /// Every group has its factor of replicas on different living nodes, members are what is
  /// committed, no node holds anything else, and nodes are level. Throws `violation`.
  void check_well() const;

private:
  struct host {
    node_number number;
    bool up = true;
    std::uint64_t incarnation = 1;
    std::uint64_t reports = 0;
    std::shared_ptr<const cluster::metadata> catalog;
    std::uint64_t version = 0; ///< Of the catalog.
    std::set<cluster::held_replica> holds;
    std::set<cluster::held_replica> deleted;
    std::set<cluster::held_replica> indexed;
    std::optional<cluster::liveness> hears;    ///< Of a voter of the metadata group.
    std::optional<cluster::host_reports> told; ///< The next two: while it leads that group.
    std::optional<cluster::coordinator> coordinator;
    bool commits = false;
  };

  host& at(node_number which) { return *hosts_[which.value - 1]; }
  const host& at(node_number which) const { return *hosts_[which.value - 1]; }
  void post(const host& from, node_number to, std::function<void(host&)> what);

  // modelled_fleet.cpp: nodes.
  host& add_host();
  void beat(host& who, std::uint64_t incarnation);
  void ping(host& who);
  void report(host& who);
  void look(host& who);
  void learn(host& who, std::shared_ptr<const cluster::metadata> state, std::uint64_t version);
  void broadcast(host& who);
  bool leads_control(const host& who) const;
  void commit(host& who, std::vector<cluster::metadata_command> commands);
  bool apply(const cluster::metadata_command& command);

  // modelled_fleet_groups.cpp: groups.
  modelled_group::is_up up_in(group_id group) const;
  std::optional<node_number> home_of(group_id group, replica_id which) const;
  void found_groups();
  void elect_later(group_id group);
  void perform(host& from, const cluster::group_action& what);
  void change(group_id group, const cluster::change_members& how);
  void copy_later(group_id group, replica_id to);
  void leave_later(group_id group);
  void remove(host& who, const cluster::held_replica& which);

  fleet_pace pace_;
  chance luck_;
  agenda agenda_;
  network net_;
  std::shared_ptr<const cluster::metadata> state_; ///< As committed.
  std::uint64_t version_ = 0;
  std::vector<std::unique_ptr<host>> hosts_;
  std::map<group_id, modelled_group> groups_;
  std::map<cluster::held_replica, node_number> homes_;
  std::uint64_t messages_ = 0;
  std::uint64_t digest_ = 0;
};

} // namespace grape::fleet
