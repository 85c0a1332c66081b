#pragma once

#include "actors/house.hpp"
#include "actors/interfaces.hpp"
#include "actors/owed.hpp"
#include "actors/shard_place.hpp"
#include "core/cluster/replica_hosting.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace grape::actors {

using changed_promise = owed<metadata_changed>;

/// Makes this node live by the catalog: shards that are new are hosted, those that are gone are
/// dismissed and their files removed, changed schemas are put into the shards' logs.
struct catalog_state {
  catalog_state() {}

  caf::result<metadata_changed> change(const change_metadata& asked);
  void live_by(const cluster::metadata_command& command, const metadata_changed& result,
               const changed_promise& promise);

  bool is_staged(const std::string& name) const;

  void live_by_swap(const cluster::swap_collection& command, const metadata_changed& result,
                    const std::function<void(const metadata_changed&)>& answer);
  void drop_abandoned();

  /// Hosts and dismisses until exactly the committed shards are served.
  void reconcile();
  std::shared_ptr<const shard_place>
  with_free_name(const std::shared_ptr<const shard_place>& place) const;
  void host(const std::shared_ptr<const shard_place>& place);
  void dismiss(const std::shared_ptr<const shard_place>& place);
  void remove_leftovers();
  void remove_folder(const std::string& directory, const std::vector<std::string>& leases);

  /// Once a second: what was left to be done, and is the node ready?
  void look_around();

  /// Calls `then` when every shard of the collection has answered a question, or refused to.
  void when_serving(const std::string& collection, const std::function<void()>& then);

  /// Every shard of one of its keys.
  void when_serving(const std::string& collection, const shard_key& key,
                    const std::function<void()>& then);

  void when_serving(const std::vector<group_id>& groups, const std::function<void()>& then);

  void ask_doors(const std::vector<group_id>& groups, const std::function<void()>& then);

  /// Puts the collection's schema into every shard's log; `answer` with the highest index.
  void push_schema(const std::string& collection, const metadata_changed& result,
                   const std::function<void(const metadata_changed&)>& answer);

  // In a cluster (catalog_cluster.cpp).

  /// Tells the others where this node is to be found, and goes on with what a crash left.
  void look_around_the_cluster();
  void announce();
  void link_up();
  void make_sure();
  void reconcile_in_cluster();
  void delete_replica(const delete_replica_here& asked);
  void delete_unplayed(const cluster::held_replica& which);
  void forget_replica(const catalog& known, const cluster::held_replica& which);
  void remove_left_replicas();

  /// Calls `then` when every node within reach knows all that is committed now, or has not said so
  /// for a second: what was made through this node may be asked for through any.
  void when_all_know(const std::function<void()>& then);

  /// Calls `then` when a replica of each of these shards has answered, wherever it is.
  void reach_groups(const std::vector<group_id>& groups, const std::function<void()>& then);

  void push_to_leader(group_id group, const std::shared_ptr<const collection_schema>& schema,
                      const std::function<void(const shard_receipt&)>& arrived,
                      const std::function<void(const caf::error&)>& late);

  catalog_actor::stateful_pointer<catalog_state> self = nullptr;
  std::shared_ptr<house> home;
  std::map<group_id, std::shared_ptr<const shard_place>> leaving; // Their files are still there.
  bool looked_for_leftovers = false;
  bool asking_readiness = false;
  std::set<cluster::held_replica> deleted; // Here, since the start.
  std::set<node_number> linking; // The floor of the peers was asked, and has not answered yet.
  bool announcing = false;
  bool making_sure = false;
  bool dropping = false; // What a recovery left.
  std::map<std::string, std::uint64_t> abandoned_since_ms; // By hidden name.
  bool sure = false; // Was as new as anything committed, once since the start.
  std::optional<cluster::hosting_basis> settled; // By which nothing was left to be done.
};

} // namespace grape::actors
