#pragma once

#include "tests/stress/client.hpp"

#include <set>

namespace grape::stress {

/// Does what an administrator does, one thing after the other: snapshots of the collection and of
/// a shard, recovers one as another collection and judges that, checkpoints, vacuums, makes and
/// drops an index and a collection.
class keeper : public client {
public:
  keeper(scene& where, std::vector<ledger*> ledgers, std::uint64_t seed)
    : client(where, seed)
    , ledgers_(std::move(ledgers)) {
    stays_ = true;
  }

  void run();

private:
  void copy_by_snapshot();
  void snapshot_of_shard();
  void upkeep();
  void field_index();
  void passing_collection();
  void calm();
  void kill_somebody();

  known_points known() const;
  void drop(const std::string& which);

  std::vector<ledger*> ledgers_;
};

/// Watches: what is shown of the house, and which work on segments was done.
class watcher : public client {
public:
  using client::client;

  void run();

  /// Kinds of work ("indexing", "merge", "vacuum"), and how often each was done.
  std::map<std::string, std::uint64_t> works() const;

private:
  void look_at_works();

  std::map<std::string, std::set<std::string>> done_; ///< By kind, the segments that came out.
};

} // namespace grape::stress
