#pragma once

#include "core/cluster/host_reports.hpp"

#include <cstdint>
#include <functional>
#include <set>

namespace grape::fleet {

/// A group of replicas as a whole, without Raft: what one would decide, told by who is up. Where
/// replicas are and who is up it is told from outside. A value; not thread-safe.
class modelled_group {
public:
  /// Whether that replica's node is up and has it.
  using is_up = std::function<bool(replica_id)>;

  modelled_group() = default;

  /// Begins with these members, all of whom have the data. `luck` says who leads.
  modelled_group(raft::configuration members, std::uint64_t luck);

  const raft::configuration& members() const noexcept { return members_; }
  replica_id leader() const noexcept { return leader_; } ///< 0 = none.
  grape::term term() const noexcept { return term_; }
  bool has_data(replica_id which) const { return with_data_.contains(which); }

  bool can_decide(const is_up& up) const;

  /// The leader is gone if it is not up or no member; then one is elected if a majority is up.
  /// True: there is another leader now.
  bool elect(const is_up& up);

  /// What the group does with the proposal of a driver; false: refused, or nobody can decide.
  bool change(const cluster::change_members& how, const is_up& up);

  /// A joint state is left. False: there is none, or nobody can decide.
  bool leave_joint(const is_up& up);

  bool hand_over(replica_id to, const is_up& up);

  /// All the data has arrived there, if it is a member still.
  void copied(replica_id to);
  void forget(replica_id which) { with_data_.erase(which); }

  cluster::group_report report(group_id self, const is_up& up) const;

private:
  bool can_lead(replica_id which, const is_up& up) const;
  void become(raft::configuration next);

  std::uint64_t luck_ = 0;
  raft::configuration members_;
  log_index members_since_{1};
  replica_id leader_;
  grape::term term_{1};
  std::set<replica_id> with_data_;
};

} // namespace grape::fleet
