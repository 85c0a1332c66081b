#pragma once

#include "actors/messages.hpp"
#include "actors/remote/link_messages.hpp"

#include <caf/all.hpp>

/// How messages travel. Registered names and field order are the wire: never rename a type, never
/// change an `inspect`; tests/actors/wire_test.cpp pins the bytes.

namespace grape {

template <class Inspector, class Tag, class Rep>
typename Inspector::result_type inspect(Inspector& f, id<Tag, Rep>& x) {
  return f(x.value);
}

} // namespace grape

namespace grape::actors {

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, write_command& x) {
  return f(caf::meta::type_name("write_command"), x.group, x.epoch, x.validated_against, x.wait,
           x.timeout_ms, x.bytes, x.ack);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, shard_receipt& x) {
  return f(caf::meta::type_name("shard_receipt"), x.index, x.progress, x.copies);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, shard_map_changed& x) {
  return f(caf::meta::type_name("shard_map_changed"), x.epoch);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, leader_changed& x) {
  return f(caf::meta::type_name("leader_changed"), x.group, x.term, x.node);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, link_knock& x) {
  return f(caf::meta::type_name("link_knock"), x.protocol, x.number, x.name);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, link_welcome& x) {
  return f(caf::meta::type_name("link_welcome"), x.number);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, link_hello& x) {
  return f(caf::meta::type_name("link_hello"), x.bytes);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, link_farewell& x) {
  return f(caf::meta::type_name("link_farewell"), x.code, x.why);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, link_frame& x) {
  return f(caf::meta::type_name("link_frame"), x.bytes);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, founding_question&) {
  return f(caf::meta::type_name("founding_question"));
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, founding_reply& x) {
  return f(caf::meta::type_name("founding_reply"), x.stage, x.cluster_id, x.cluster_name,
           x.founders);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, join_question& x) {
  return f(caf::meta::type_name("join_question"), x.bytes);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, join_answer& x) {
  return f(caf::meta::type_name("join_answer"), x.bytes);
}

} // namespace grape::actors

// A host program has its own block at first_custom_type_id.
CAF_BEGIN_TYPE_ID_BLOCK(grape, first_custom_type_id + 1000)
CAF_ADD_TYPE_ID(grape, (grape::actors::write_command))
CAF_ADD_TYPE_ID(grape, (grape::actors::shard_receipt))
CAF_ADD_TYPE_ID(grape, (grape::actors::shard_map_changed))
CAF_ADD_TYPE_ID(grape, (grape::actors::leader_changed))
CAF_ADD_TYPE_ID(grape, (grape::actors::link_knock))
CAF_ADD_TYPE_ID(grape, (grape::actors::link_welcome))
CAF_ADD_TYPE_ID(grape, (grape::actors::link_hello))
CAF_ADD_TYPE_ID(grape, (grape::actors::link_farewell))
CAF_ADD_TYPE_ID(grape, (grape::actors::link_frame))
CAF_ADD_TYPE_ID(grape, (grape::actors::founding_question))
CAF_ADD_TYPE_ID(grape, (grape::actors::founding_reply))
CAF_ADD_TYPE_ID(grape, (grape::actors::join_question))
CAF_ADD_TYPE_ID(grape, (grape::actors::join_answer))
CAF_END_TYPE_ID_BLOCK(grape)

/// Lets a type travel between actors of one node as it is.
#define GRAPE_STAYS_ON_NODE(type)                                                                  \
  template <>                                                                                      \
  struct caf::allowed_unsafe_message_type<type> : std::true_type {}

template <class T>
struct caf::allowed_unsafe_message_type<grape::actors::parcel<T>> : std::true_type {};

GRAPE_STAYS_ON_NODE(grape::actors::done);
GRAPE_STAYS_ON_NODE(grape::actors::tick_now);
GRAPE_STAYS_ON_NODE(grape::actors::report_yourself);
GRAPE_STAYS_ON_NODE(grape::actors::self_report);
GRAPE_STAYS_ON_NODE(grape::actors::store_job);
GRAPE_STAYS_ON_NODE(grape::actors::log_append);
GRAPE_STAYS_ON_NODE(grape::actors::log_range_request);
GRAPE_STAYS_ON_NODE(grape::storage::log_range);
GRAPE_STAYS_ON_NODE(grape::actors::log_read_request);
GRAPE_STAYS_ON_NODE(grape::actors::log_records);
GRAPE_STAYS_ON_NODE(grape::actors::log_release);
GRAPE_STAYS_ON_NODE(grape::actors::log_forget);
GRAPE_STAYS_ON_NODE(grape::actors::log_groups_request);
GRAPE_STAYS_ON_NODE(grape::actors::log_groups);
GRAPE_STAYS_ON_NODE(grape::actors::log_sync);
GRAPE_STAYS_ON_NODE(grape::actors::log_flush);
GRAPE_STAYS_ON_NODE(grape::actors::flush_state);
GRAPE_STAYS_ON_NODE(grape::actors::state_flushed);
GRAPE_STAYS_ON_NODE(grape::actors::vacuum_index);
GRAPE_STAYS_ON_NODE(grape::actors::machine_request);
GRAPE_STAYS_ON_NODE(grape::actors::machine_failed);
GRAPE_STAYS_ON_NODE(grape::actors::view_changed);
GRAPE_STAYS_ON_NODE(grape::actors::watch_views);
GRAPE_STAYS_ON_NODE(grape::actors::schema_change);
GRAPE_STAYS_ON_NODE(grape::actors::shard_read);
GRAPE_STAYS_ON_NODE(grape::actors::read_done);
GRAPE_STAYS_ON_NODE(grape::actors::index_wanted);
GRAPE_STAYS_ON_NODE(grape::actors::indexer_ready);
GRAPE_STAYS_ON_NODE(grape::actors::index_built);
GRAPE_STAYS_ON_NODE(grape::actors::install_index);
GRAPE_STAYS_ON_NODE(grape::actors::change_metadata);
GRAPE_STAYS_ON_NODE(grape::actors::metadata_changed);
GRAPE_STAYS_ON_NODE(grape::actors::shards_empty);
GRAPE_STAYS_ON_NODE(grape::actors::delete_replica_here);
GRAPE_STAYS_ON_NODE(grape::actors::link_post);
GRAPE_STAYS_ON_NODE(grape::actors::link_question);
GRAPE_STAYS_ON_NODE(grape::actors::link_answer);
GRAPE_STAYS_ON_NODE(grape::actors::link_delivery);
GRAPE_STAYS_ON_NODE(grape::actors::link_asked);
GRAPE_STAYS_ON_NODE(grape::actors::founding_inquiry);
GRAPE_STAYS_ON_NODE(grape::actors::join_inquiry);
GRAPE_STAYS_ON_NODE(grape::actors::cluster_formed);
GRAPE_STAYS_ON_NODE(grape::actors::peer_health_changed);
GRAPE_STAYS_ON_NODE(grape::actors::host_group);
GRAPE_STAYS_ON_NODE(grape::actors::group_hosted);
GRAPE_STAYS_ON_NODE(grape::actors::group_begun);
GRAPE_STAYS_ON_NODE(grape::actors::entries_committed);
GRAPE_STAYS_ON_NODE(grape::actors::applied_news);
GRAPE_STAYS_ON_NODE(grape::actors::standing_changed);
GRAPE_STAYS_ON_NODE(grape::actors::propose_entry);
GRAPE_STAYS_ON_NODE(grape::actors::proposal_taken);
GRAPE_STAYS_ON_NODE(grape::actors::log_progress);
GRAPE_STAYS_ON_NODE(grape::actors::confirm_read);
GRAPE_STAYS_ON_NODE(grape::actors::change_group_members);
GRAPE_STAYS_ON_NODE(grape::actors::hand_over_group);
GRAPE_STAYS_ON_NODE(grape::actors::go_on_alone);
GRAPE_STAYS_ON_NODE(grape::actors::raft_tick);
GRAPE_STAYS_ON_NODE(grape::actors::group_status_request);
GRAPE_STAYS_ON_NODE(grape::actors::group_status);
GRAPE_STAYS_ON_NODE(grape::actors::snapshot_wanted);
GRAPE_STAYS_ON_NODE(grape::actors::snapshot_sent);
GRAPE_STAYS_ON_NODE(grape::actors::snapshots_void);
GRAPE_STAYS_ON_NODE(grape::actors::snapshot_message_request);
GRAPE_STAYS_ON_NODE(grape::actors::snapshot_message);
GRAPE_STAYS_ON_NODE(grape::actors::snapshot_staged);
GRAPE_STAYS_ON_NODE(grape::actors::log_write);
GRAPE_STAYS_ON_NODE(grape::actors::log_compact);
GRAPE_STAYS_ON_NODE(grape::kill_actor_request);
GRAPE_STAYS_ON_NODE(grape::list_actors_request);
GRAPE_STAYS_ON_NODE(grape::actor_tree);
