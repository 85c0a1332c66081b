#pragma once

#include "core/ids.hpp"
#include "core/request/shard_key.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace grape {

/// What a replica does for those who ask.
enum class replica_standing : std::uint8_t {
  active,       ///< Serves.
  initializing, ///< Begins; serves soon.
  partial,      ///< Comes: gets its data, does not count yet.
  dead,         ///< Cannot be reached, or is out of service.
};

/// Of one replica of a Raft group, as the node that has it sees it.
struct replica_raft {
  std::string role; ///< "leader", "follower", "candidate", "pre_candidate".
  grape::term term;
  log_index commit;
  log_index applied;

  friend bool operator==(const replica_raft&, const replica_raft&) = default;
};

struct cluster_status_request {};

struct cluster_peer {
  node_number number;
  std::string address; ///< host:port for other nodes.
};

/// The metadata group, as this node sees it.
struct consensus_status {
  replica_raft raft;         ///< Role empty: this node has no replica of it.
  std::uint64_t pending = 0; ///< Entries that are not applied here yet.
  std::optional<node_number> leader;
  bool is_voter = false;
  std::string failure; ///< Why its replica here is out of service; empty = it works.
};

struct cluster_status {
  bool enabled = false; ///< False: this node is alone; the rest says nothing.
  node_number self;
  std::vector<cluster_peer> peers; ///< Ascending; this node too, none that was removed.
  consensus_status consensus;
  std::uint64_t told_unix_ms = 0; ///< When; milliseconds since 1970, UTC.
};

struct collection_cluster_request {
  std::string collection;
};

struct local_shard {
  shard_id shard;
  std::uint64_t points = 0;
  replica_standing standing = replica_standing::active;
  std::optional<replica_raft> raft; ///< Nothing: it cannot be asked just now.
  std::optional<shard_key> key{};   ///< Of a collection that is sharded by keys.
};

struct remote_shard {
  shard_id shard;
  node_number node;
  replica_standing standing = replica_standing::active;
  std::optional<shard_key> key{}; ///< As in local_shard.
};

/// A replica on its way, until it serves.
struct shard_transfer {
  shard_id shard;
  node_number from; ///< Who has the data.
  node_number to;
  bool keeps_source = false; ///< A copy, not a move.
  std::string stage; ///< "clearing away", "making room", "joining", "indexing", "switching", ...
};

/// Where the shards of a collection are. Witnesses hold none of them and are not listed.
struct collection_cluster {
  node_number self{1};
  std::uint32_t shard_count = 0;
  std::vector<local_shard> local;    ///< Ascending by shard.
  std::vector<remote_shard> remote;  ///< Ascending by shard, then node.
  std::vector<shard_transfer> moves; ///< Ascending by shard.
};

struct move_shard {
  shard_id shard;
  node_number from;
  node_number to;
};

/// One replica more.
struct replicate_shard {
  shard_id shard;
  node_number from; ///< Must have a replica; the data come from the shard's leader.
  node_number to;
};

/// Gives up what `move_shard` or `replicate_shard` began.
struct abort_transfer {
  shard_id shard;
  node_number from;
  node_number to;
};

struct drop_replica {
  shard_id shard;
  node_number node;
};

struct change_replicas_request {
  std::string collection;
  std::variant<move_shard, replicate_shard, abort_transfer, drop_replica> what;
};

/// A new part of a collection that is sharded by keys, with shards of its own.
struct add_shard_key {
  shard_key key;
  std::optional<std::uint32_t> shards{};             ///< 1 or more; absent: `shard_number`.
  std::optional<std::uint32_t> replication_factor{}; ///< 1 or more; absent: the collection's.
  /// Where its replicas go, and stay as long as there are enough of these; absent: anywhere.
  std::optional<std::vector<node_number>> placement{};
};

/// The key, its shards and their points go.
struct remove_shard_key {
  shard_key key;
};

struct change_shard_keys_request {
  std::string collection;
  std::variant<add_shard_key, remove_shard_key> what;
  std::uint32_t timeout_ms = 0; ///< How long its maker waits; 0 = as long as it takes.
};

struct list_shard_keys_request {
  std::string collection;
};

struct shard_key_list {
  bool by_keys = false;        ///< The collection is sharded by keys.
  std::vector<shard_key> keys; ///< Ascending.
};

/// The answer to what only a cluster can do.
struct cluster_changed {
  bool in_cluster = true; ///< False: this node is alone, and nothing was done.
};

/// What an operator wants of a node.
enum class node_wish : std::uint8_t {
  activate, ///< Takes replicas again.
  drain,    ///< Its replicas go elsewhere; it stays and serves.
  leave,    ///< As `drain`, and then it is removed.
  forget,   ///< It is lost and will not come back: removed at once, its replicas replaced.
  replace,  ///< Its disk is lost: as `forget`, and it may come back by its name with an empty one.
};

struct change_node_request {
  std::variant<std::string, node_number> which; ///< By its name or its number.
  node_wish wish = node_wish::drain;
  bool unless_it_holds_shards = false; ///< True: refused while it holds any.
};

/// A node asks a member to be admitted to its cluster: one with an empty disk, or one that was
/// admitted before, and makes sure.
struct join_request {
  std::uint32_t protocol = 0; ///< link::protocol_version.
  std::string name;           ///< [node] id
  std::uint64_t disk = 0;     ///< Drawn when its data directory was made; never 0.
  std::string peer_address;   ///< host:port
  std::string http_address;   ///< host:port
  std::string cluster_name;   ///< [cluster] name
  std::string cluster_id;     ///< Empty: it has none yet.
  node_number number;         ///< 0 = none yet.

  friend bool operator==(const join_request&, const join_request&) = default;
};

struct join_reply {
  std::string cluster_id;
  node_number number;
  log_index applied; ///< Of the metadata group's log,
  std::string state; ///< and the state there: cluster::metadata::encode.

  friend bool operator==(const join_reply&, const join_reply&) = default;
};

/// An operator says that the disks of these nodes are lost for good, a majority of the control
/// plane's among them: whoever is asked goes on with what it has.
struct recover_request {
  std::vector<std::string> lost; ///< Names.
};

struct recover_reply {
  std::vector<std::string> told; ///< One sentence for each group: what it goes on from.
};

struct list_nodes_request {};

/// One node, as the control plane has it and as this node sees it.
struct node_view {
  node_number number;
  std::string name;
  std::string peer_address; ///< host:port
  std::string http_address; ///< host:port; empty = not told yet.
  std::string state;        ///< cluster::node_state in words.
  std::uint64_t incarnation = 0;
  bool is_self = false;
  bool connected = false;   ///< True of this node itself.
  std::string health;       ///< "alive", "suspect", "silent".
  std::uint64_t rtt_us = 0; ///< Smoothed; 0 = not measured yet.
  std::string last_error;   ///< Why it is not connected.
};

struct node_list {
  std::vector<node_view> nodes; ///< Ascending by number; those that were removed too.
};

struct list_shards_request {};

struct replica_view {
  replica_id id;
  node_number node;
  std::string node_name;
  std::string role; ///< "voter", "learner", "witness".
};

struct move_view {
  std::uint64_t number = 0;
  std::optional<node_number> from;
  std::optional<node_number> to;
  bool witness = false;
  std::string stage;
  std::uint64_t stage_ms = 0; ///< Since this node saw that stage first.
};

/// One shard and its replicas, as the control plane has them.
struct shard_view {
  std::string collection;
  shard_id shard;
  group_id group;
  grape::epoch epoch;
  std::uint32_t factor = 1; ///< Data replicas wanted.
  std::vector<replica_view> replicas;
  std::optional<node_number> leader; ///< As this node knows.
  std::optional<move_view> move;
  std::optional<shard_key> key{}; ///< As in local_shard.
};

struct shard_list {
  std::vector<shard_view> shards; ///< By collection, then shard.
};

struct list_groups_request {};

struct progress_view {
  replica_id which;
  std::string state; ///< "probe", "replicate", "snapshot".
  log_index match;
  log_index next;
  bool paused = false;
};

/// This node's replica of one Raft group.
struct group_view {
  group_id group;
  std::string name; ///< "metadata", "words/0".
  replica_id self;
  replica_raft raft;
  replica_id leader; ///< 0 = unknown.
  log_index durable;
  log_index first;
  log_index last;
  std::vector<replica_id> voters;
  std::vector<replica_id> outgoing; ///< The voters before a joint change under way.
  std::vector<replica_id> learners;
  std::vector<replica_id> witnesses;
  std::vector<progress_view> progress; ///< Of a leader.
  bool asleep = false;
  std::string failure; ///< Why it is out of service; the rest says nothing then.
};

struct group_list {
  std::vector<group_view> groups; ///< Ascending by group.
};

struct check_health_request {};

/// How bad it is.
enum class severity : std::uint8_t {
  warning, ///< Everything works; one more fault may change that.
  critical ///< Something does not work.
};

/// Something that is not as it should be.
struct finding {
  std::string kind; ///< "node_down", "shard_without_leader", ...: for programs.
  severity how_bad = severity::warning;
  std::string node;   ///< The node concerned, by name; empty = none in particular.
  std::string shard;  ///< "words/0", "metadata"; empty = none in particular.
  std::string reason; ///< A sentence for a person.

  friend bool operator==(const finding&, const finding&) = default;
};

/// What one node finds; others may see more.
struct health_report {
  std::string node;              ///< Who looked.
  std::vector<finding> findings; ///< Critical ones first. Empty: all is well.
};

} // namespace grape
