#pragma once

#include "core/query/route.hpp"
#include "tests/simulation/checker.hpp"
#include "tests/simulation/fleet/agenda.hpp"
#include "tests/simulation/fleet/host.hpp"
#include "tests/simulation/fleet/weather.hpp"
#include "tests/simulation/output_steps.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace grape::fleet {

/// What a storm brought about; a nightly run without one of these does not test what it says.
struct deeds {
  std::uint64_t founded = 0;
  std::uint64_t moves = 0;    ///< That came to their end, and
  std::uint64_t undone = 0;   ///< those that were given up.
  std::uint64_t replaced = 0; ///< Nodes whose disk was lost.
  std::uint64_t joined = 0;
  std::uint64_t emptied = 0;     ///< Nodes that were to leave, and did.
  std::uint64_t called_down = 0; ///< By a majority, for longer than the repair delay.
  std::uint64_t stage_kills = 0;
  std::uint64_t takeovers = 0; ///< Of coordinators with a move under way.
  std::uint64_t cleaned = 0;   ///< Replicas that a returning node deleted by itself.
  std::uint64_t mended = 0;    ///< Learners of nobody's move that were removed.
  std::uint64_t dropped = 0;   ///< Collections.

  void add(const deeds& other) noexcept;
};

struct world_options {
  instant storm_for = 60 * second;                ///< Then everything heals.
  std::function<void(const std::string&)> sink{}; ///< Of lines; may be empty.
};

struct world_result {
  std::uint64_t steps = 0;
  std::uint64_t messages = 0;
  std::uint64_t faults = 0;
  std::uint64_t digest = 0;
  std::uint64_t committed = 0; ///< In all groups.
  std::uint64_t answered = 0;
  instant ended_at = 0;
  deeds done;
  std::string law; ///< The broken one; empty if none was.
  std::string detail;

  bool passed() const noexcept { return law.empty(); }
};

/// A small cluster: every replica of every group, the metadata group's too, is a real Raft peer
/// with its disk; nodes found the cluster, hear each other, host what the metadata say, and the
/// coordinator is where the metadata group is led. Throws `violation`.
class world {
public:
  world(std::uint64_t seed, const weather& how, world_options options);
  world(const world&) = delete; // Closures hold its address.
  world& operator=(const world&) = delete;

  void run();
  world_result result() const;

private:
  friend struct simulation::output_steps;

  /// Somebody with one request at a time, sent by way of the router of some node.
  struct client {
    std::uint32_t turn = 0;
    bool waits = false;
    bool finished_calm = false;
    bool reads = false;
    group_id group;
    log_index floor;
    std::uint32_t router = 0;
    std::uint64_t router_life = 0;
    std::optional<query::route> way;
  };
  struct question {
    std::uint32_t client = 0;
    std::uint32_t turn = 0;
    std::uint32_t place = 0; ///< Whom it was sent to.
  };

  // world.cpp: time, nodes.
  void begin();
  host& add_host(std::string name);
  void start(host& who);
  void crash(host& who);
  void crash(host& who, instant down_for);
  void pause(host& who, instant span);
  void resume(host& who);
  void later(host& at, instant delay, std::function<void()> what);
  void later(resident& at, instant delay, std::function<void(resident&)> what);
  void post(const host& from, std::uint32_t to, std::function<void(host&)> what);
  void every(instant mean, std::function<void()> what);
  void say(const std::string& what);

  // world_founding.cpp
  void found(host& who);
  void ask_founders(host& who);
  void write_founding(host& who, cluster::founding_state state);
  void formed(host& who);
  cluster::found_cluster founders() const;

  // world_replicas.cpp: a replica's life, and performing what its peer wants.
  void begin_group(group_id group, const raft::configuration& members);
  void settle_in(host& who, const cluster::replica_start& how);
  void start(resident& who);
  void stop(resident& who);
  void remove(host& who, const cluster::held_replica& which);
  bool crash_point(resident& who);
  void tick(host& who);
  void settle(resident& who);
  void hear(resident& who, const raft::output& out);
  void observe(resident& who);
  void follow_log(resident& who, const raft::write& next);
  void queue_write(resident& who, raft::write next);
  void wrote(resident& who);
  void told_of_write(resident& who);
  void schedule_apply(resident& who);
  void apply(resident& who);
  void checkpoint(resident& who);
  simulation::checker& laws(group_id group) { return *laws_.at(group); }
  const simulation::chain* disk_of(const cluster::held_replica& which) const;
  host& home(const resident& who) { return *hosts_[who.number]; }

  // world_messages.cpp
  void post(resident& from, raft::message what);
  void stream(resident& from, raft::message what);
  void streamed(resident& from, const raft::message& what,
                const std::shared_ptr<const simulation::staged_snapshot>& data);
  void deliver(host& to, group_id group, std::uint32_t from, raft::message what,
               const std::shared_ptr<const simulation::staged_snapshot>& data);

  // world_control.cpp: catalog, reports, coordinator.
  void beat(host& who, std::uint64_t turn);
  void learn(host& who, std::shared_ptr<const cluster::metadata> state, log_index version);
  void host_replicas(host& who);
  void judge(host& who);
  void connections_end(std::uint32_t place);
  void lost(host& who, std::uint32_t place);
  void report(host& who);
  cluster::group_report report_of(resident& leader);
  void look(host& who, resident& control);
  void broadcast(host& who, const resident& control);
  bool propose(const cluster::metadata_command& what);
  log_index propose(resident& control, const cluster::metadata_command& what);
  void perform(host& from, const cluster::group_action& what);
  void change(host& at, group_id group, const cluster::change_members& how);
  void control_changed(const cluster::metadata& before, const cluster::metadata& after);
  void stage_changed(const cluster::shard_replicas& before, const cluster::shard_replicas& after);
  void check_switched(const cluster::shard_replicas& after) const;

  // world_clients.cpp
  void act(std::uint32_t number, std::uint32_t turn);
  bool begin_request(std::uint32_t number);
  void step(std::uint32_t number, std::uint32_t turn);
  void ask(std::uint32_t number, node_number to);
  void serve(host& at, std::uint64_t attempt, const client& who);
  void answer(host& at, std::uint64_t attempt, log_index index);
  void refuse(host& at, std::uint64_t attempt, errc why, std::optional<node_number> leader);
  void refused(std::uint64_t attempt, errc why, std::optional<node_number> leader);
  void answer_reads(resident& at);
  void finish(std::uint32_t number, bool well);
  void links_break(std::uint32_t place);

  // world_faults.cpp: misfortune and the operator.
  host* some_host(const std::function<bool(const host&)>& fits);
  void misfortune_crash();
  void misfortune_pause();
  void misfortune_partition();
  void misfortune_clog();
  void misfortune_disk();
  bool survives(const host& loss) const;
  void kill_at_stage(const cluster::shard_replicas& group);
  void operate();
  void attend();
  void create(const std::string& name, std::uint32_t shards);
  bool waits_for_operator() const;
  void keep_enough();
  void replace_lost();
  void welcome();
  bool may_leave() const;

  // world_end.cpp
  void heal();
  std::string unfinished() const;
  std::string unfinished_nodes() const;
  std::string unfinished_group(const cluster::shard_replicas& group, std::size_t factor) const;
  std::string unfinished_clients() const;

  bool is_up(std::uint32_t place) const;
  resident* leader_of(group_id group);
  const resident* find(const cluster::held_replica& which) const;

  std::uint64_t seed_;
  weather how_;
  world_options options_;
  chance luck_;
  chance fault_luck_;
  chance client_luck_;
  agenda agenda_;
  network net_;
  simulation::sometimes counts_;
  std::map<group_id, std::unique_ptr<simulation::checker>> laws_;
  std::vector<std::unique_ptr<host>> hosts_;
  std::map<cluster::held_replica, std::uint32_t> homes_; ///< Places of all that ever were.
  std::map<cluster::held_replica, std::unique_ptr<resident>> graves_;
  std::shared_ptr<const cluster::metadata> control_; ///< The newest that anybody applied.
  log_index control_at_;
  std::vector<client> clients_;
  std::map<std::uint64_t, question> questions_; ///< By attempt; until an answer comes.
  std::uint64_t attempts_ = 0;
  std::uint64_t answered_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t faults_ = 0;
  std::uint64_t digest_ = 0;
  std::uint64_t partitions_ = 0;
  instant created_at_ = 0; ///< A collection, or wanted to; where it is, is not known at once.
  bool calm_ = false;
  deeds done_;
};

/// Runs one seed; a broken law comes back as a value, a GRAPE_CHECK of the core aborts.
world_result run_world(std::uint64_t seed, const weather& how, const world_options& options);

} // namespace grape::fleet
