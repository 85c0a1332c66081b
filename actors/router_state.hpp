#pragma once

#include "actors/conversation.hpp"
#include "actors/interfaces.hpp"
#include "actors/leader_known.hpp"
#include "actors/owed.hpp"
#include "actors/patience.hpp"
#include "core/query/outgoing_writes.hpp"
#include "core/query/route.hpp"

#include <functional>
#include <map>
#include <optional>
#include <variant>

namespace grape::actors {

using all_answers = std::vector<shard::answer>;

/// A batch whose parts are on their way.
struct routed_batch {
  std::string collection;
  std::uint64_t attempts_end_ms = 0;
  std::vector<outcome<write_receipt>> parts; // Those that came back.
  std::size_t expected = 0;
  owed<shard_receipt> promise;
  std::function<void(const outcome<write_receipt>&)> then; ///< Not empty: told instead.

  void add(outcome<write_receipt> part);
  void refuse(const status& why) const { promise.refuse(why); }
};

/// One of them.
struct routed_part {
  std::shared_ptr<routed_batch> batch;
  write_command command; // Without its stamp.
  std::optional<shard::write_stamp> stamp;
  int attempts = 0;
};

/// From itself: some errand has waited long enough.
struct errand_due {
  std::uint64_t at_ms = 0;
};

/// What the door of a shard is asked, wherever it is, and what it answers.
using door_question = std::variant<write_command, schema_change, shard_read>;
using door_answer = std::variant<shard_receipt, parcel<shard::answer>>;

/// Whom a question goes to, and for how long.
struct errand_plan {
  query::route_goal goal = query::route_goal::read;
  std::uint64_t deadline_ms = 0;
  std::uint64_t attempts_end_ms = 0;
  std::chrono::milliseconds patience_here{}; ///< With the door of a node that is alone.
};

/// From itself, on a node that is alone: the shard had no door yet.
struct doorless {
  group_id group;
  door_question asked;
  errand_plan plan;
  std::function<void(outcome<door_answer>)> then;
};

using router_self = router_actor::extend<
    // From itself: a part that was refused as stale, after a pause.
    caf::reacts_to<parcel<routed_part>>,
    // From itself.
    caf::reacts_to<parcel<doorless>>,
    // From a RAFT_GROUP here: whoever waits for a leader of the group asks it.
    caf::reacts_to<leader_known>,
    // From itself.
    caf::reacts_to<errand_due>>;

/// One question on its way through the replicas of its shard, as its route says.
struct errand {
  group_id group;
  door_question asked;
  std::uint64_t deadline_ms = 0;
  std::optional<node_number> only; ///< This replica and no other.
  query::route way;
  std::function<void(outcome<door_answer>)> then; ///< Once; empty afterwards.
  std::string encoded{};                          ///< For other nodes; empty: not needed yet.
  std::uint64_t wakes_ms = 0;                     ///< Its place among those that wait.
  std::uint64_t began_us = 0;
};

struct router_state {
  router_state() {}

  // Batches and reads (router.cpp).
  void read(const std::shared_ptr<conversation>& talk, const owed<parcel<query::read_answer>>& to);
  void read_again(const std::shared_ptr<conversation>& talk, const status& why,
                  const owed<parcel<query::read_answer>>& to);
  void ask(const std::vector<query::shard_ask>& asks, read_level level, std::uint64_t deadline_ms,
           const std::function<void(outcome<all_answers>)>& then);
  void write(const std::shared_ptr<routed_write>& asked, owed<shard_receipt> promise);
  void check_existence(const std::shared_ptr<routed_write>& asked,
                       std::function<void(status)> then);
  void go_on(const std::shared_ptr<routed_write>& asked, const owed<shard_receipt>& to);
  void send_parts(std::vector<write_command> parts, const std::shared_ptr<routed_batch>& batch);
  void begin_part(routed_part part);
  void send_part(const routed_part& part);
  void end_part(const routed_part& part, outcome<write_receipt> with);
  void send_again(routed_part& part);
  void look_where_log_is(const routed_part& part);
  void note_taken(const routed_part& part, const shard_receipt& receipt);
  void take_schema(const routed_schema& asked, const owed<shard_receipt>& to);
  void reach(const reach_group& asked, const owed<done>& to);
  void map_changed();
  status why_gone(const std::string& collection, bool is_deleted) const;

  // One question to one shard (router_errands.cpp).
  void ask_shard(group_id group, door_question asked, const errand_plan& plan,
                 std::function<void(outcome<door_answer>)> then);
  void ask_every_replica(group_id group, const door_question& asked, const errand_plan& plan,
                         std::function<void(outcome<door_answer>)> then);
  void begin_errand(group_id group, door_question asked, const errand_plan& plan,
                    std::optional<node_number> only,
                    std::function<void(outcome<door_answer>)> then);
  void go_on(const std::shared_ptr<errand>& one);
  void send(const std::shared_ptr<errand>& one, node_number to, bool again);
  void send_here(const std::shared_ptr<errand>& one);
  void failed(const std::shared_ptr<errand>& one, node_number by, status why,
              std::optional<node_number> leader);
  void finish(const std::shared_ptr<errand>& one, outcome<door_answer> with);
  void answered(const std::shared_ptr<errand>& one, node_number by, door_answer with);
  void wake(const std::shared_ptr<errand>& one, std::uint64_t at_ms);
  void sleep_no_more(const std::shared_ptr<errand>& one);
  void due(std::uint64_t at_ms);
  void look_again(errand& one);
  void ask_leader_of(group_id group);
  void arm(std::uint64_t at_ms);
  query::route_peer way_to(node_number node) const;
  std::vector<query::route_target> targets(group_id group, std::optional<node_number> only) const;
  bool hears_majority(group_id group) const;
  bool is_gone(group_id group) const;
  void end_those_gone();
  status explained(const errand& of, status why) const;

  router_self::stateful_pointer<router_state> self = nullptr;
  std::shared_ptr<house> home;
  std::shared_ptr<const catalog> known;
  std::uint32_t number = 0;  // Which of the node's ROUTERs this is,
  std::uint64_t renewal = 0; // and which of its lives.
  std::optional<query::outgoing_writes> outgoing; // Empty: nothing was written in a cluster yet.
  patience waits;
  std::multimap<std::uint64_t, std::shared_ptr<errand>> waiting; // By the time they wake.
  std::optional<std::uint64_t> armed_ms; // When the timer rings; one is set at a time.
};

} // namespace grape::actors

GRAPE_STAYS_ON_NODE(grape::actors::errand_due);
