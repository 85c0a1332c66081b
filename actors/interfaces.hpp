#pragma once

#include "actors/errors.hpp"
#include "actors/inspect.hpp"
#include "actors/messages.hpp"

#include <caf/all.hpp>

/// Who understands what: every actor of a node, one comment per clause. Start reading here.
namespace grape::actors {

struct child_plan;       ///< A child and how to start it: supervision/supervisor.hpp.
struct bridged_question; ///< A question and whom to tell the answer: gateway.hpp.
struct conversation;     ///< A read on its way to its answer: conversation.hpp.

/// Every actor can be asked how it is.
using reporting_actor = caf::typed_actor<
    // Answers with the number of messages waiting. Asked with high priority.
    caf::replies_to<report_yourself>::with<self_report>>;

/// A SUPERVISOR keeps one floor of the tree of care: it starts, watches, renews and stops its
/// children as supervision::family decides. Floors may be children of floors.
using supervisor_actor = reporting_actor::extend<
    // Adds a child and starts it. A child of that name that is there already is left as it is.
    caf::replies_to<parcel<child_plan>>::with<done>,
    // Stops the child of that name for good, with all below it; answers when it has ended.
    caf::replies_to<parcel<dismissal>>::with<done>,
    // Kills the actor of that name on this floor or below, as a fault would; not_found if absent.
    caf::replies_to<kill_actor_request>::with<done>,
    // Describes this floor and everything below it, parents before children.
    caf::replies_to<list_actors_request>::with<actor_tree>>;

/// LOG_WRITER owns the ordered log of the node: a thread of its own, one sync for everything that
/// was asked meanwhile. After a failed write or sync it falls, and the node with it: nothing
/// unsynced was acknowledged, and nobody goes on from what the disk may have lost.
using log_writer_actor = reporting_actor::extend<
    // Answers once the records are on disk (as `fsync` says), in the order of asking. `no_space`,
    // `too_large` and `unavailable` (what was asked before was refused): surely not logged.
    caf::replies_to<log_append>::with<done>,
    // The entries a group has, everything appended before this question included.
    caf::replies_to<log_range_request>::with<storage::log_range>,
    // Records from an index on; empty beyond the end.
    caf::replies_to<log_read_request>::with<log_records>,
    // All groups that have anything in the log.
    caf::replies_to<log_groups_request>::with<log_groups>,
    // Frees what is no longer needed.
    caf::reacts_to<log_release>,
    // Removes a group for good.
    caf::reacts_to<log_forget>,
    // What the peer of a group wants durable. As for `log_append`; `no_space` leaves all as it was.
    caf::replies_to<log_write>::with<done>,
    // Entries of a group up to some index are no longer needed.
    caf::replies_to<log_compact>::with<done>,
    // Syncs the log, whatever `fsync` says.
    caf::replies_to<log_sync>::with<done>,
    // From itself.
    caf::reacts_to<log_flush>,
    // With fsync = interval: time to sync.
    caf::reacts_to<tick_now>>;

/// A STORE_WORKER lends its thread to the shards hashed onto it, one job at a time, in order.
using store_worker_actor = reporting_actor::extend<
    // Runs the job and answers.
    caf::replies_to<store_job>::with<done>>;

/// SEARCH_POOL owns the threads that searches run on; jobs reach them through the house, without
/// a message. While it is renewed there are none, and reads answer `unavailable`.
using search_pool_actor = reporting_actor;

/// TICKER beats once a second for everybody on the switchboard who wants it.
using ticker_actor = reporting_actor::extend<
    // From itself.
    caf::reacts_to<tick_now>>;

/// PEER_LINK is the only way to one other node: it dials or is dialled, says hello, gathers what is
/// to be sent in frames, and fails whoever waits for an answer when the connection ends.
using peer_link_actor = reporting_actor::extend<
    // Carries it there, or drops it.
    caf::reacts_to<link_post>,
    // Asks there.
    caf::replies_to<link_question>::with<link_answer>>;

/// What PEER_LINK understands beside that: what FOUNDER, and the PEER_LINK on the other side, say.
using linked_actor = caf::typed_actor<
    // From FOUNDER: asks the other node. `unavailable` while there is no connection.
    caf::replies_to<founding_inquiry>::with<founding_reply>,
    // From FOUNDER, whose disk is empty while the cluster is formed: asks META of the other node.
    caf::replies_to<join_inquiry>::with<join_answer>,
    // From FOUNDER: time to say hello.
    caf::reacts_to<cluster_formed>,
    // Passed on by DOOR: the sender dialled, and begins a connection.
    caf::replies_to<link_knock>::with<link_welcome>,
    // From the other side, as all that follows.
    caf::replies_to<founding_question>::with<founding_reply>,
    caf::replies_to<join_question>::with<join_answer>, caf::reacts_to<link_hello>,
    caf::reacts_to<link_frame>, caf::reacts_to<link_farewell>>;

/// DOOR is the one actor of a node that strangers find: it listens on the [peer] port. A port that
/// is in use fells the node.
using door_actor = reporting_actor::extend<
    // From a PEER_LINK of another node; passed on to the one here that belongs to it.
    caf::replies_to<link_knock>::with<link_welcome>>;

/// FOUNDER forms the cluster with all other founders, then ends. A founder that must not start
/// (core/cluster/founding says when) fells the node.
using founder_actor = reporting_actor::extend<
    // From itself: ask whoever has not answered.
    caf::reacts_to<tick_now>>;

/// DETECTOR judges by what the links hear who is alive, and tells whom it concerns.
using detector_actor = reporting_actor::extend<
    // From itself: judge.
    caf::reacts_to<tick_now>>;

/// RAFT_GROUP is one replica of one Raft group: it owns the peer and performs its output in the one
/// order (messages that wait for nothing, disk, messages that waited for the disk, apply).
using raft_group_actor = reporting_actor::extend<
    // From its host: begins, or goes on, from what the host has applied.
    caf::replies_to<host_group>::with<group_hosted>,
    // From its host.
    caf::reacts_to<applied_news>,
    // From its host; answered by a `proposal_taken`.
    caf::reacts_to<propose_entry>,
    // Answers with the index that a reader must see.
    caf::replies_to<confirm_read>::with<log_index>,
    // Messages of other replicas, by way of a PEER_LINK.
    caf::reacts_to<link_delivery>,
    // A beat.
    caf::reacts_to<raft_tick>,
    // The detector's news: a group asleep may have lost its leader.
    caf::reacts_to<peer_health_changed>,
    // Answers when the change is in the log of the leader, which must be here.
    caf::replies_to<change_group_members>::with<done>,
    // The leader hands over; answers when that has begun.
    caf::replies_to<hand_over_group>::with<done>,
    // From META: the other voters are lost for good.
    caf::replies_to<go_on_alone>::with<log_index>,
    // How the peer stands.
    caf::replies_to<group_status_request>::with<group_status>,
    // From SNAPSHOTS: a stream to a follower has ended.
    caf::reacts_to<snapshot_sent>,
    // From SNAPSHOTS: what the follower's peer is to be told about the state that it got.
    caf::replies_to<snapshot_message_request>::with<snapshot_message>,
    // From SNAPSHOTS: a state is staged; answers when the log says so.
    caf::replies_to<snapshot_staged>::with<done>>;

/// SNAPSHOTS streams the states of this node's shards to followers that are behind their log, and
/// stages what other nodes stream here. One for all groups, so that a rate bounds them together.
using snapshots_actor = reporting_actor::extend<
    // From RAFT_GROUP: begin, or go on.
    caf::reacts_to<snapshot_wanted>,
    // From RAFT_GROUP: end them.
    caf::reacts_to<snapshots_void>,
    // A piece of a stream, by way of a PEER_LINK: shard::snapshot_question.
    caf::replies_to<link_asked>::with<link_answer>,
    // Time to look at what waits too long.
    caf::reacts_to<tick_now>>;

/// Who keeps the state of a group: REPLICA, META.
using group_host_actor = reporting_actor::extend<
    // A RAFT_GROUP that wants to be told `host_group`.
    caf::reacts_to<group_begun>,
    // Applies them; says so to RAFT_GROUP by `applied_news`.
    caf::reacts_to<entries_committed>,
    // Who leads now.
    caf::reacts_to<standing_changed>,
    // What became of a proposal.
    caf::reacts_to<proposal_taken>,
    // How far the log of a leader has come.
    caf::reacts_to<log_progress>>;

/// STORAGE has one shard replica's machine open. A path is never open twice: it waits until the
/// last view of its predecessor is gone.
using storage_actor = reporting_actor::extend<
    // The machine, once it is open. `corrupted` and the like if it cannot be opened at all.
    caf::replies_to<machine_request>::with<parcel<shard::machine>>,
    // The machine is unusable: fall, so that the whole family begins anew.
    caf::reacts_to<machine_failed>,
    // From itself: is the path free now?
    caf::reacts_to<tick_now>>;

/// REPLICA orders a shard's writes in the log, applies them on its STORE_WORKER and makes views.
using replica_actor = reporting_actor::extend<
    // From RAFT_GROUP, where there is one: as for every host of a group.
    caf::reacts_to<group_begun>, caf::reacts_to<entries_committed>,
    caf::reacts_to<standing_changed>, caf::reacts_to<proposal_taken>, caf::reacts_to<log_progress>,
    // Orders a batch. Answers when durable (wait = false) or visible (wait = true).
    caf::replies_to<write_command>::with<shard_receipt>,
    // Orders a change of schema; answers when visible. At once if the log says so already.
    caf::replies_to<schema_change>::with<shard_receipt>,
    // From SHARD: answers with the view of now and sends all later ones.
    caf::replies_to<watch_views>::with<view_changed>,
    // From INDEXER: give me work as soon as there is some.
    caf::reacts_to<indexer_ready>,
    // From INDEXER: puts a product in place; answers when visible.
    caf::replies_to<install_index>::with<done>,
    // From CARETAKER: answers once the store is synced.
    caf::replies_to<flush_state>::with<state_flushed>,
    // From CARETAKER: answers once the indexes have no dead rows that were dead when it was asked.
    caf::replies_to<vacuum_index>::with<done>,
    // Time to look at syncing and indexing.
    caf::reacts_to<tick_now>>;

/// INDEXER runs a shard's background work on the index threads.
using indexer_actor = reporting_actor::extend<
    // From REPLICA: do this.
    caf::reacts_to<index_wanted>,
    // From an index thread: done, or failed.
    caf::reacts_to<index_built>>;

/// SHARD is the only door to a shard on its node. It holds writes and reads back while the replica
/// behind it is being renewed, and reads until what was acknowledged is visible. Where there are
/// other replicas it refuses at once what it cannot do soon, and names the leader it knows of.
using shard_actor = reporting_actor::extend<
    // As REPLICA. `unavailable` if no replica comes in time: surely not applied.
    caf::replies_to<write_command>::with<shard_receipt>,
    // As REPLICA.
    caf::replies_to<schema_change>::with<shard_receipt>,
    // Answers for this shard only; merging is the ROUTER's work.
    caf::replies_to<shard_read>::with<parcel<shard::answer>>,
    // The same three from another node: a shard::shard_request, answered by a shard::shard_reply.
    caf::replies_to<link_asked>::with<link_answer>,
    // A replica leads now: watch it.
    caf::reacts_to<leader_changed>,
    // From the replica watched.
    caf::reacts_to<view_changed>,
    // From a SEARCH_POOL thread.
    caf::reacts_to<read_done>,
    // From itself: let go what waited too long.
    caf::reacts_to<tick_now>>;

/// ROUTER knows which shard keeps what, and which nodes keep the shard: splits, fans out, merges,
/// and goes from replica to replica until one has answered.
using router_actor = reporting_actor::extend<
    // Sends each part of a batch to its shard. All parts or an error; existence is checked on all
    // shards before anything is proposed.
    caf::replies_to<parcel<routed_write>>::with<shard_receipt>,
    // Goes on with a read that has begun: asks all shards concerned at their doors and merges their
    // answers. Most reads need no ROUTER: see gateway::read.
    caf::replies_to<parcel<conversation>>::with<parcel<query::read_answer>>,
    // Takes a schema to the shard's leader. Answers when visible there; at once if it is already.
    caf::replies_to<parcel<routed_schema>>::with<shard_receipt>,
    // Answers once a replica of the shard has answered a read of level `eventual`.
    caf::replies_to<parcel<reach_group>>::with<done>,
    // Looks at the new map from the next request on.
    caf::reacts_to<shard_map_changed>,
    // Ends what has waited too long for a shard.
    caf::reacts_to<tick_now>>;

/// META keeps the control plane's state: one log group, one small store.
using meta_actor = reporting_actor::extend<
    // Commits one command. Errors carry the texts clients know; then nothing was logged.
    caf::replies_to<change_metadata>::with<metadata_changed>,
    // Answers once the state here is at least as new as whatever was committed before.
    caf::replies_to<confirm_read>::with<log_index>,
    // From META of another node: a metadata_question.
    caf::replies_to<link_asked>::with<link_answer>,
    // May whoever asks be a member? By way of GATEWAY or a PEER_LINK. Answers when it is one.
    caf::replies_to<join_question>::with<join_answer>,
    // From GATEWAY, for an operator: go on without a majority.
    caf::replies_to<parcel<recover_request>>::with<parcel<recover_reply>>,
    // From RAFT_GROUP: a member is behind the log, and needs the whole state.
    caf::reacts_to<snapshot_wanted>,
    // From COORDINATOR: the replica here left the group; its log is to go.
    caf::reacts_to<delete_replica_here>,
    // From RAFT_GROUP, where there is one: as for every host of a group.
    caf::reacts_to<group_begun>, caf::reacts_to<entries_committed>,
    caf::reacts_to<standing_changed>, caf::reacts_to<proposal_taken>,
    caf::reacts_to<log_progress>>;

/// CATALOG makes the node live by what META committed: families of shards, their schemas.
using catalog_actor = reporting_actor::extend<
    // Commits through META, then answers when the shards concerned live by it.
    caf::replies_to<change_metadata>::with<metadata_changed>,
    // From COORDINATOR: the replica here left its group; delete its data.
    caf::reacts_to<delete_replica_here>,
    // SHARDS was renewed.
    caf::reacts_to<shards_empty>,
    // From itself: something was left to be done.
    caf::reacts_to<tick_now>>;

/// COORDINATOR tells whoever leads the control plane how this node is; where that is here, it sees
/// to it that every shard has its replicas.
using coordinator_actor = reporting_actor::extend<
    // A control_post of another node.
    caf::reacts_to<link_delivery>,
    // The detector's news.
    caf::reacts_to<peer_health_changed>,
    // Once a second: report; look.
    caf::reacts_to<tick_now>>;

/// CARETAKER does what people want done with this node's disk: core/request/upkeep.hpp says what.
/// What takes long, a thread of its own does (`role::upkeep`), one after the other.
using caretaker_actor = reporting_actor::extend<
    // From GATEWAY. Answers within the request's timeout; what is not done by then is told so.
    caf::replies_to<parcel<storage_request>>::with<parcel<node_upkeep>>,
    // The same from another node: a storage_request, answered by a node_upkeep.
    caf::replies_to<link_asked>::with<link_answer>>;

/// GATEWAY carries questions from any thread into the node, and answers back.
using gateway_actor = reporting_actor::extend<
    // One question with its callback.
    caf::reacts_to<parcel<bridged_question>>,
    // Ends what has waited too long for an answer.
    caf::reacts_to<tick_now>>;

} // namespace grape::actors
