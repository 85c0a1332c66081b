#pragma once

#include "actors/interfaces.hpp"
#include "actors/owed.hpp"
#include "actors/patience.hpp"
#include "actors/shard_place.hpp"
#include "core/link/backoff.hpp"
#include "core/shard/snapshot_receiver.hpp"
#include "core/shard/snapshot_source.hpp"
#include "core/token_bucket.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace grape::actors {

/// A stream to one follower.
using stream_key = std::pair<group_id, replica_id>;

/// To itself: go on with a stream that has waited.
struct stream_goes_on {
  stream_key which;
  std::uint64_t attempt = 0;
};

using snapshots_self = snapshots_actor::extend<
    // From itself.
    caf::reacts_to<stream_goes_on>>;

struct snapshots_state;
using snapshots_pointer = snapshots_self::stateful_pointer<snapshots_state>;

/// A stream on its way from here.
struct outgoing_stream {
  explicit outgoing_stream(std::uint64_t seed)
    : again({}, seed) {}

  node_number node;
  raft_group_actor asker;
  std::uint64_t attempt = 0;                      // What comes late for an earlier one is dropped.
  std::shared_ptr<shard::snapshot_source> source; // With the machine; on the STORE_WORKER only.
  shard::snapshot_position at;
  std::string ready; // A chunk that waits for its time.
  link::backoff again;
  std::uint32_t failures = 0; // Since something arrived.
  std::uint64_t began_ms = 0;
  std::uint64_t bytes = 0; // Of all chunks so far.
};

/// What other nodes stream to one replica here.
struct incoming_stream {
  struct question {
    shard::snapshot_question what;
    owed<link_answer> promise;
  };

  std::shared_ptr<const shard_place> place;
  // On the STORE_WORKER only; empty: not open.
  std::shared_ptr<std::optional<shard::snapshot_receiver>> receiver;
  log_index own;                  // Of the replica, as of the last offer.
  bool distrusts_own = false;     // A difference to it did not fit.
  std::deque<question> questions; // The first of them is being answered if `busy`.
  bool busy = false;
  std::uint64_t heard_ms = 0;
};

/// Carries streams of states between disks and links; what is in them is decided in core/shard.
struct snapshots_state {
  snapshots_state() {}
  ~snapshots_state();

  // From here (snapshots_send.cpp).
  void wanted(const snapshot_wanted& asked);
  void drop_streams(const std::function<bool(const stream_key&, const outgoing_stream&)>& which);
  void go_on(const stream_goes_on& told);
  void open_source(const stream_key& which);
  void offer(const stream_key& which);
  void offered(const stream_key& which, const shard::snapshot_standing& to);
  void read_next(const stream_key& which);
  void send_chunk(const stream_key& which);
  void taken(const stream_key& which, const shard::snapshot_standing& to);
  void send_end(const stream_key& which, shard::snapshot_end end);
  void finished(const stream_key& which, const shard::snapshot_standing& to);
  void tell_rate(const stream_key& which) const;
  void ask(const stream_key& which, std::string bytes, std::uint64_t within_ms,
           void (snapshots_state::*then)(const stream_key&, const shard::snapshot_standing&));
  outgoing_stream* find(const stream_key& which, std::uint64_t attempt);
  void failed(const stream_key& which, const status& why);
  void end_stream(const stream_key& which, bool arrived);
  void release(group_id group, std::shared_ptr<shard::snapshot_source> source);

  // To here (snapshots_receive.cpp).
  caf::result<link_answer> asked(const link_asked& came);
  void answer_next(group_id group);
  void answer_offer(group_id group);
  void answer_chunk(group_id group);
  void check(group_id group, const std::shared_ptr<struct checking>& under);
  void stage(group_id group, const std::shared_ptr<struct checking>& under);
  void install(group_id group, raft::message message, const std::string& folder);
  void answered(group_id group, const outcome<shard::snapshot_standing>& what);
  void with_machine(group_id group, std::function<void(std::shared_ptr<shard::machine>)> then);
  void on_receiver(group_id group,
                   std::function<outcome<shard::snapshot_standing>(shard::snapshot_receiver&)> work,
                   std::function<void(const shard::snapshot_standing&)> then);
  void look_for_idle();

  /// Runs `job` on the group's STORE_WORKER, then `then` here, or `otherwise`.
  void on_worker(group_id group, std::function<void()> job, std::function<void()> then,
                 std::function<void(const status&)> otherwise);

  snapshots_pointer self = nullptr;
  std::shared_ptr<house> home;
  patience waits;
  std::optional<token_bucket> pace; // Of all streams from here, in bytes.
  std::map<stream_key, outgoing_stream> streams;
  std::uint64_t attempts = 0;
  std::map<group_id, incoming_stream> coming;
};

} // namespace grape::actors

GRAPE_STAYS_ON_NODE(grape::actors::stream_goes_on);
