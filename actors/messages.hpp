#pragma once

#include "actors/snapshot_messages.hpp"
#include "core/cluster/metadata.hpp"
#include "core/ids.hpp"
#include "core/link/envelope.hpp"
#include "core/query/session.hpp"
#include "core/raft/log_standing.hpp"
#include "core/raft/output.hpp"
#include "core/raft/peer_status.hpp"
#include "core/request/cluster.hpp"
#include "core/request/collection.hpp"
#include "core/request/node.hpp"
#include "core/request/read.hpp"
#include "core/request/upkeep.hpp"
#include "core/request/write.hpp"
#include "core/shard/machine.hpp"
#include "core/shard/question.hpp"
#include "core/storage/ordered_log.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace grape::query {
class filtered_write;
} // namespace grape::query

/// Everything actors say to each other, one struct per message. The first part may travel between
/// nodes: it has an `inspect` (inspect.hpp) and golden bytes. The rest never leaves its node.
namespace grape::actors {

struct group_place; ///< Which replica of which group: group_place.hpp.

// What may travel.

/// A batch for one shard, encoded once (shard::command). Answered by a `shard_receipt`.
struct write_command {
  group_id group;
  grape::epoch epoch; ///< Of the slot table that routed it.
  schema_version validated_against;
  bool wait = false;            ///< True: answer when visible; false: when as durable as `ack`.
  std::uint32_t timeout_ms = 0; ///< After it a write in the log answers `wait_timeout`; 0 = none.
  std::string bytes;
  write_ack ack = write_ack::collection_default;
};

/// Where a write stands in its shard's log, and how far it has come.
struct shard_receipt {
  log_index index;
  write_progress progress = write_progress::acknowledged;
  std::uint32_t copies = 0; ///< See write_receipt.
};

/// News: collections, schemas or slot tables are other than before. What they are now stands in
/// the node's catalog cell.
struct shard_map_changed {
  grape::epoch epoch; ///< Increases with each change.
};

/// News: this node leads the shard from now on. Stale news (a lower term) is ignored.
struct leader_changed {
  group_id group;
  grape::term term;
  node_number node;
};

// What stays on its node.

/// A value handed over without copying it. The receiver owns it.
template <class T>
struct parcel {
  std::shared_ptr<T> value;
};

template <class T>
parcel<std::decay_t<T>> wrap(T&& value) {
  return {std::make_shared<std::decay_t<T>>(std::forward<T>(value))};
}

/// Done as asked; there is nothing to say about it.
struct done {};

/// TICKER's beat, about once a second.
struct tick_now {};

/// How busy are you? Sent with high priority; every actor answers.
struct report_yourself {};

struct self_report {
  std::uint64_t mailbox = 0; ///< Messages waiting.
};

/// Work for a STORE_WORKER's own thread; it may block.
struct store_job {
  std::function<void()> run; ///< Does not throw.
};

/// Records of one group, to be written and synced together with what others ask meanwhile.
struct log_append {
  std::vector<storage::log_record> records;
};

struct log_range_request {
  group_id group;
};

struct log_read_request {
  group_id group;
  log_index from;
  std::size_t bytes_max = 0;
};

struct log_records {
  std::vector<storage::log_record> records;
};

/// Nothing at or below `through` is needed any more.
struct log_release {
  group_id group;
  log_index through;
};

/// The shard is gone, and its log with it.
struct log_forget {
  group_id group;
};

struct log_groups_request {};

struct log_groups {
  std::vector<group_id> groups;
};

/// What was appended so far is to survive a power cut, whatever `fsync` says.
struct log_sync {};

/// LOG_WRITER to itself: everything that was queued meanwhile is here, write it.
struct log_flush {};

/// A shard's machine, open. Whoever holds it may use it on the shard's STORE_WORKER only.
struct machine_request {};

/// The shard's store failed under REPLICA's hands: it must be opened anew.
struct machine_failed {
  status why;
};

/// The state a shard serves reads from.
struct view_changed {
  std::shared_ptr<const shard::view> view;
  log_index acknowledged; ///< Everything a client may have been told holds is at or below.
  bool indexing = false;  ///< Background work on the vector indexes is under way.
  status full; ///< Not ok: nothing more becomes visible before there is room on the disk.
};

/// SHARD to REPLICA: send me every view, beginning now.
struct watch_views {};

/// A new schema, committed in the control plane, for one shard's log.
struct schema_change {
  std::shared_ptr<const collection_schema> schema;
};

/// One read of one shard.
struct shard_read {
  std::shared_ptr<const shard::question> asked;
  read_level level = read_level::collection_default;
  std::uint64_t deadline_ms = 0; ///< On the node's clock (house::now_ms).
};

/// A SEARCH_POOL thread to SHARD: here is what read number `read` found.
struct read_done {
  std::uint64_t read = 0;
  std::shared_ptr<outcome<shard::answer>> found;
};

/// REPLICA to INDEXER: this would improve the shard's indexes.
struct index_wanted {
  std::shared_ptr<const shard::index_job> job;
};

/// INDEXER to REPLICA: I am here and idle.
struct indexer_ready {};

/// An index thread to INDEXER.
struct index_built {
  std::shared_ptr<outcome<shard::finished_job>> product;
};

/// INDEXER to REPLICA: put this in place. Without a product: the work failed.
struct install_index {
  std::shared_ptr<const shard::finished_job> product;
};

/// To REPLICA: what is applied is to survive a power cut without the log.
struct flush_state {};

struct state_flushed {
  log_index applied;
  log_index durable; ///< Below `applied`: the disk had no room for it.
};

/// To REPLICA: no dead row is to stay in a segment.
struct vacuum_index {};

/// A write as the GATEWAY planned it: one command per shard, existence to be checked before.
struct routed_write {
  std::string collection;
  std::vector<write_command> parts; ///< Not empty unless `by_filter`; one per shard concerned.
  std::shared_ptr<query::filtered_write> by_filter; ///< Not null: says what the parts are.
  std::map<group_id, std::vector<point_id>> must_exist;
  std::uint64_t deadline_ms = 0; ///< Of the check for existence, on the node's clock.
};

/// A schema that the control plane committed, for the log of one shard, wherever its leader is.
struct routed_schema {
  group_id group;
  std::shared_ptr<const collection_schema> schema;
  std::uint64_t deadline_ms = 0; ///< On the node's clock.
};

/// Does any replica of this shard serve?
struct reach_group {
  group_id group;
  std::uint64_t deadline_ms = 0; ///< On the node's clock.
};

/// Commit a change of the control plane and make the node live by it. Answers whether anything
/// changed, and the log index of its last entry.
struct change_metadata {
  std::shared_ptr<const cluster::metadata_command> command;
};

struct metadata_changed {
  bool changed = false;
  log_index index; ///< Of the control plane's log, or of the shards' where they took part.
};

/// Stops a child of this name for good.
struct dismissal {
  std::string name;
};

// Between nodes, by way of the PEER_LINKs.

/// To the PEER_LINK of a node: carry this there. It may be lost.
struct link_post {
  link::lane on = link::lane::normal;
  link::addressee to = link::addressee::raft;
  group_id group;
  std::string bytes;
};

/// To the PEER_LINK of a node: ask there. Answered by a `link_answer`, or refused: `overloaded`,
/// `unavailable` (it surely did not get there), `commit_unknown` (nobody knows), `timed_out`, or
/// whatever the other side refuses it with (see `leader_of`).
struct link_question {
  link::lane on = link::lane::normal;
  link::addressee to = link::addressee::shard;
  group_id group;
  std::uint64_t deadline_ms = 0; ///< On this node's clock (house::now_ms).
  std::string bytes;
};

struct link_answer {
  std::string bytes;
};

/// From a PEER_LINK to whoever is meant here: this came from that node.
struct link_delivery {
  node_number from;
  group_id group;
  std::string bytes;
};

/// From a PEER_LINK to whoever is meant here: a question of that node. Answered by a `link_answer`.
struct link_asked {
  node_number from;
  group_id group;
  std::uint64_t deadline_ms = 0; ///< On this node's clock.
  std::string bytes;
};

/// News from the detector: what this node thinks of another one has changed.
struct peer_health_changed {
  node_number node;
};

// A replica of a Raft group: RAFT_GROUP, and its host, which keeps the state (REPLICA, META).

/// From the host, once its state is open: from now on give me what is committed. Answered when the
/// peer runs. A renewed host, or one that meets a renewed RAFT_GROUP, says it again.
struct host_group {
  std::shared_ptr<const group_place> place; ///< Which replica it is.
  log_index applied; ///< Of the host's state; what comes first is the next entry.
};

struct group_hosted {};

/// To the host: this RAFT_GROUP begins, and knows no host yet.
struct group_begun {};

/// To the host: what stands in the group's log next, committed, in order. Answered by
/// `applied_news` when it is done; more may come before.
struct entries_committed {
  std::vector<raft::entry> entries;
};

/// From the host: all entries up to `applied` have been applied. Also sent when only
/// `applied_durable` has changed.
struct applied_news {
  log_index applied;
  log_index applied_durable; ///< Up to here they survive a power cut without the log.
};

/// To the host: who leads now. Sent at once when hosted.
struct standing_changed {
  raft::role role{};
  std::optional<node_number> leader; ///< Nothing: unknown.
  grape::term term;
  log_index
      last; ///< Leading: of the first entry of this term; the host has all before once applied.
};

/// From the host of a leader: append this. Nobody else proposes to the group but for changes of
/// members. Answered by `proposal_taken` at once or refused: `unavailable` (does not lead),
/// `overloaded`, `no_space`, `too_large`; all surely not applied.
struct propose_entry {
  std::uint64_t ticket = 0; ///< The host's own number.
  raft::payload data;
};

/// To the host: the fate of a proposal.
struct proposal_taken {
  std::uint64_t ticket = 0;
  log_index index; ///< 0: refused, `why` says why; surely not applied.
  grape::term term;
  status why;
};

/// To the host of a leader: so far its log is durable here, and with the others.
struct log_progress {
  raft::log_standing leader;
};

/// To whom it concerns: a state that has applied the answer shows every write that was acknowledged
/// before the question. `unavailable`: no leader, or it changed.
struct confirm_read {};

/// A change of the members of a group, or a wish of its coordinator.
struct change_group_members {
  raft::configuration_change change;
  std::optional<log_index> based_on; ///< Refused once the members are newer than this.
};

struct hand_over_group {
  std::optional<replica_id> to; ///< Nothing: to whoever is next.
};

/// To RAFT_GROUP, because a person said that a majority is lost for good: this replica becomes the
/// only member. Answers with the end of its log when that is durable, and begins anew.
struct go_on_alone {};

/// TICKER's beat for groups that are awake: one tick of Raft.
struct raft_tick {};

struct group_status_request {};

struct group_status {
  raft::peer_status peer;
  log_index members_since; ///< The entry that made the members; 0 = the first ones.
};

/// What the LOG_WRITER is to write for one group, in this order.
struct log_write {
  std::vector<storage::group_write> what;
};

/// See ordered_log::compact.
struct log_compact {
  group_id group;
  storage::log_base to;
};

/// The replica of this id has left its group for good: its data here are to go.
struct delete_replica_here {
  group_id group;
  replica_id which;
};

/// SHARDS was started anew and hosts nobody: CATALOG must tell it whom.
struct shards_empty {};

} // namespace grape::actors
