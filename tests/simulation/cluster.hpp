#pragma once

#include "tests/simulation/checker.hpp"
#include "tests/simulation/client.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/node.hpp"
#include "tests/simulation/trace.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace grape::simulation {

/// How to run one seed.
struct run_options {
  instant storm_for = 60 * second;         ///< Then everything heals.
  std::uint64_t steps_max = ~0ull;         ///< Stops silently; a shrink looks for the least.
  std::set<std::uint64_t> suppressed;      ///< Ordinals of faults that do not happen.
  std::function<void(const record&)> sink; ///< May be empty.
};

/// What came of it, apart from a violation.
struct run_result {
  std::uint64_t steps = 0;
  std::uint64_t faults = 0; ///< How many struck; they are numbered from 1.
  std::uint64_t digest = 0;
  std::uint64_t committed = 0;
  std::uint64_t answered = 0;
  instant ended_at = 0;
  bool healed = false; ///< False: no quorum was left to heal.
  sometimes counts;
};

/// A whole group in one thread and virtual time: nodes, disks, network, clients, administrator and
/// misfortune, all from one seed. Throws `violation`.
class cluster {
public:
  cluster(std::uint64_t seed, const storm& how, run_options options);

  run_result run();

  /// So far.
  run_result result() const;

private:
  friend struct output_steps;

  struct envelope {
    raft::message what;
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    instant sent_at = 0;
    std::uint32_t from_life = 0;
    std::shared_ptr<const staged_snapshot> data;
  };

  // cluster.cpp: the loop.
  void begin();
  void loop();
  void handle(const event& next);
  void handle_node(const event& next);
  void handle_misfortune(const event& next);
  void schedule(instant at, event_kind kind, std::uint32_t who = 0, std::uint32_t slot = 0);
  void every(instant mean, event_kind kind);
  void note(std::string_view what, const node* who = nullptr, std::string_view detail = {});

  // cluster_node.cpp: a node's life, and performing what its peer wants.
  node& add_node(const staged_snapshot& first);
  void start(node& who);
  void crash(node& who);
  bool crash_point(node& who);
  void connections_end(const node& gone);
  void connection_ends(node& at, const node& to, instant told_after);
  void lost(node& who, std::uint32_t other);
  void before_input(node& who);
  void settle(node& who);
  void hear(node& who, const raft::output& out);
  void observe(node& who);
  void count_roles(node& who);
  void follow_log(node& who, const raft::write& next);
  void queue_write(node& who, raft::write next);
  void wrote(node& who);
  void told_of_write(node& who);

  // cluster_host.cpp: time and the state machine.
  void tick(node& who);
  void suspect(node& who);
  void schedule_apply(node& who);
  void apply(node& who);
  void resolve(node& who, const raft::entry& next, const effect& how,
               std::vector<std::pair<pending_write, effect>>& answers);
  void members_applied(node& who, const raft::configuration& before);
  void checkpoint(node& who);
  void pause(node& who, instant until);
  void resume(node& who);

  // cluster_messages.cpp: what travels.
  void post(node& from, raft::message what);
  void shorten(raft::message& what);
  raft::message as_bytes(raft::message what);
  void dispatch(envelope next);
  void lose(const envelope& what);
  void deliver(std::uint32_t slot);
  void hand_over(std::uint32_t slot);
  void stream(node& from, envelope what);
  void streamed(std::uint32_t slot);
  std::uint32_t keep(envelope what);
  envelope take(std::uint32_t slot);
  void count_message(const node& to, const raft::message& what);

  // cluster_clients.cpp.
  void act(std::uint32_t number, std::uint32_t turn);
  void begin_request(client& who);
  void submit(std::uint32_t number);
  void submit_write(std::uint32_t number, node& at);
  void submit_read(std::uint32_t number, node& at);
  void answer_write(node& at, const pending_write& to, const effect& how);
  void answer_reads(node& at);
  void confirm(node& at, const raft::confirmed_read& read);
  void fail_read(node& at, std::uint64_t context);
  void finish(std::uint32_t number);
  void refuse(std::uint32_t number);

  // cluster_faults.cpp.
  bool strikes(fault kind);
  node* some_node(const std::function<bool(const node&)>& fits);
  void misfortune_crash();
  void misfortune_pause();
  void misfortune_partition();
  void cut_in_turn();
  void misfortune_disk();
  void misfortune_clock();
  void misfortune_connection();
  void misfortune_full();

  // cluster_members.cpp: the administrator.
  void change_members();
  void move_leader();
  std::optional<raft::configuration_change> wanted_change();
  std::optional<raft::configuration_change> replacement();
  replica_id new_replica();
  std::vector<raft::configuration> possible_configurations() const;
  bool keeps_data(const raft::configuration& members) const;

  // cluster_heal.cpp: the end of the storm.
  void heal();
  bool choose_core();
  bool is_core() const;
  void retire_removed();
  bool has_data(const raft::configuration& members) const;
  bool has_electable() const;
  bool converged();
  [[noreturn]] void complain() const;

  node* find(replica_id who);
  const chain* disk_of(replica_id who);

  std::uint64_t seed_;
  storm how_;
  run_options options_;
  chance host_luck_;
  chance disk_luck_;
  chance fault_luck_;
  chance client_luck_;
  chance member_luck_;
  chance connection_luck_;
  sometimes counts_;
  checker laws_;
  network net_;
  trace trace_;
  event_queue queue_;
  instant now_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t faults_ = 0;
  std::vector<std::unique_ptr<node>> nodes_;
  std::vector<client> clients_;
  std::vector<envelope> envelopes_;
  std::vector<std::uint32_t> free_envelopes_;
  std::uint64_t attempts_ = 0;
  std::uint64_t contexts_ = 0;
  std::uint64_t answered_ = 0;
  std::uint64_t joint_entered_in_ = 0; ///< The term whose leader entered the last joint state.
  std::vector<std::pair<instant, raft::configuration>> asked_; ///< What changes were to bring.
  bool cut_leader_ = false;            ///< By the last cut_in_turn.
  bool calm_ = false;                  ///< The storm is over.
  bool healed_ = false;
  instant calm_since_ = 0;
  std::vector<bool> core_; ///< By node: takes part in the convergence.
};

} // namespace grape::simulation
