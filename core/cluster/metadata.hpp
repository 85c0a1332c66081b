#pragma once

#include "core/cluster/collection_entry.hpp"
#include "core/cluster/node_entry.hpp"
#include "core/cluster/placement.hpp"
#include "core/cluster/shard_replicas.hpp"
#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/request/cluster.hpp"
#include "core/request/collection.hpp"
#include "core/request/quota.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace grape::cluster {

/// Who recovers: a start of a node, and the number of its recovery since.
struct recovery_owner {
  node_number node; ///< 0: a node that is alone.
  std::uint64_t incarnation = 0;
  std::uint64_t number = 0;

  friend bool operator==(const recovery_owner&, const recovery_owner&) = default;
};

/// A collection that nobody outside can name: what a recovery fills, to take the place of `target`
/// as a whole, or of one of its shards; afterwards what was there before, until that is gone.
struct hidden_collection {
  collection_entry entry; ///< Of one shard: it is shard 0.
  std::string target;
  collection_id shard_of; ///< Takes the place of a shard of this one; 0: of the whole.
  recovery_owner by;
  bool was_replaced = false; ///< The places have been changed.

  friend bool operator==(const hidden_collection&, const hidden_collection&) = default;
};

/// How a hidden collection is called; no collection of users can be called so.
std::string hidden_name(const std::string& target, const recovery_owner& by);

/// One change of the control plane, as it stands in the metadata group's log.
struct create_collection {
  std::string name;
  collection_options options;
};

struct update_collection {
  std::string name;
  collection_changes changes;
};

struct delete_collection {
  std::string name;
};

struct change_aliases {
  std::vector<alias_action> actions;
};

struct set_field_index {
  std::string name;
  std::string field;
  std::optional<field_schema> schema; ///< Absent: the index is dropped.
};

struct set_vector {
  std::string name;
  std::string vector;
  std::optional<vector_definition> what; ///< Absent: it is taken away.
};

/// The first entry of a cluster: its founders, in order of name, are nodes 1..n.
struct found_cluster {
  std::string cluster_id;
  std::vector<node_entry> founders;
};

/// A node that comes later gets the next number; one that is expected gets the number that waits
/// for it. The same disk once more changes nothing.
struct add_node {
  node_entry node;
};

/// The disk of the node of this name is lost: that node is removed, and a new one bears its name,
/// at best as one that is expected.
struct replace_node {
  node_entry node;
};

/// A node was started, is to be found elsewhere, or can hold other numbers of replicas.
struct change_node {
  node_number number;
  std::string peer_address;
  std::string http_address;
  std::uint64_t incarnation = 0;
  std::uint32_t replicas_max = 0; ///< As in node_entry.
};

struct set_node_state {
  node_number number;
  node_state state = node_state::active;
};

struct begin_move {
  placement_step step;
  bool by_hand = false; ///< A person wants it: see `shard_replicas::by_hand`.
};

struct advance_move {
  group_id group;
  move_number move;
  move_stage stage = move_stage::joining;
};

struct end_move {
  group_id group;
  move_number move;
};

/// A hidden collection begins, empty, to be filled.
struct stage_collection {
  std::string target;
  std::optional<collection_schema> schema; ///< Absent: for one shard of `target`, which exists.
  recovery_owner by;
};

/// A hidden collection takes the place that it was made for: from this entry on the name means the
/// one and no longer the other, which is hidden in its stead. Again: no effect. Needs
/// `end_filling`.
struct swap_collection {
  std::string hidden;
  std::optional<shard_id> shard; ///< Exactly if it was made for one.
};

struct drop_hidden {
  std::string hidden;
};

/// All points of a hidden collection are in its shards' logs. A replica that does not know yet that
/// this is so shows nothing.
struct end_filling {
  std::string hidden;
};

/// A part of a collection that is sharded by keys. Its shards and their replicas are chosen when
/// this is applied.
struct create_shard_key {
  std::string name;
  add_shard_key what; ///< With a number of shards.
};

/// The key's shards are dropped with all their points.
struct drop_shard_key {
  std::string name;
  shard_key key;
};

/// What each node may use from now on.
struct set_quota {
  quota_config to;
};

/// The order of the alternatives is on disk: append.
using metadata_command =
    std::variant<create_collection, update_collection, delete_collection, change_aliases,
                 set_field_index, found_cluster, add_node, replace_node, change_node,
                 set_node_state, begin_move, advance_move, end_move, set_vector,
                 stage_collection, swap_collection, drop_hidden, end_filling, create_shard_key,
                 drop_shard_key, set_quota>;

std::string encode(const metadata_command& of);
outcome<metadata_command> decode_metadata_command(std::string_view bytes);

/// The group of the control plane itself.
inline constexpr group_id metadata_group{0};

/// The control plane's replicated state: nodes, collections, aliases, schema versions, slot tables,
/// and where the replicas of each group are. Without `found_cluster` there are no nodes and no
/// replicas: a node that is alone keeps everything.
/// A function of its log alone. Not thread-safe; copies are independent.
class metadata {
public:
  /// Applies one command, all or nothing. True: it changed something; false: there was nothing to
  /// change (deleting an absent collection). Errors carry the texts clients know:
  /// already_exists, not_found, wrong_input, bad_request, no_space (a node that is to hold replicas
  /// of new shards cannot open so many).
  outcome<bool> apply(const metadata_command& command);

  /// The collection that a name or an alias means, or null.
  const collection_entry* find(std::string_view name_or_alias) const;

  /// The collection of exactly this name, hidden or not, or null. For names that no user gave.
  const collection_entry* find_exact(std::string_view name) const;

  /// The real name behind a name or alias; errors: not_found.
  outcome<std::string> resolve(std::string_view name_or_alias) const;

  const std::map<std::string, collection_entry, std::less<>>& collections() const noexcept {
    return collections_;
  }

  const std::map<std::string, std::string, std::less<>>& aliases() const noexcept {
    return aliases_;
  }

  /// By the names that only the house knows.
  const std::map<std::string, hidden_collection, std::less<>>& hidden() const noexcept {
    return hidden_;
  }

  /// `visit(name, entry)` of every collection, hidden ones last.
  template <class Visit>
  void for_each_collection(Visit visit) const {
    for (const auto& [name, entry] : collections_)
      visit(name, entry);
    for (const auto& [name, one] : hidden_)
      visit(name, one.entry);
  }

  /// A state in which the hidden collection of this name is the only one, and may be named. Needs
  /// one.
  metadata with_only(std::string_view hidden) const;

  /// What each node may use; all of them hold themselves to it.
  const quota_config& quota() const noexcept { return quota_; }

  /// Empty: this node is alone.
  const std::string& cluster_id() const noexcept { return cluster_id_; }

  /// With those that were removed, so that nobody takes them for strangers.
  const std::map<node_number, node_entry>& nodes() const noexcept { return nodes_; }

  /// The node of this name that is not removed, if any.
  std::optional<node_number> find_node(std::string_view name) const;

  /// The metadata group and the group of each shard.
  const std::map<group_id, shard_replicas>& groups() const noexcept { return groups_; }

  /// What placement looks at: nodes that are active and not pending accept, those that are away
  /// keep, each has room for what it can hold beyond what it holds or gives away, and each group's
  /// factor is that of its collection. The metadata group wants 5 replicas
  /// where 5 nodes are to stay, else 3; as many as all nodes allow where fewer than 3 are to stay.
  layout placement() const;

  /// Data replicas of shards on each node, also those that leave it. Not of witnesses.
  std::map<node_number, std::size_t> held() const;

  /// The whole state as bytes, for the control plane's store; `restore(encode()) == *this`.
  std::string encode() const;
  static outcome<metadata> restore(std::string_view bytes);

  friend bool operator==(const metadata&, const metadata&) = default;

private:
  friend struct metadata_change;

  std::map<std::string, collection_entry, std::less<>> collections_;
  std::map<std::string, std::string, std::less<>> aliases_; ///< alias -> collection
  std::map<std::string, hidden_collection, std::less<>> hidden_;
  std::string cluster_id_;
  std::map<node_number, node_entry> nodes_;
  std::map<group_id, shard_replicas> groups_;
  collection_id next_collection_{1};
  group_id next_group_{1}; ///< 0 is the metadata group itself.
  move_number next_move_{1};
  quota_config quota_;
};

} // namespace grape::cluster
