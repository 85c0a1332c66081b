#include "actors/node.hpp"

#include "actors/admission.hpp"
#include "actors/data_directory.hpp"
#include "actors/gateway.hpp"
#include "actors/remote/peer_room.hpp"
#include "actors/scheduling.hpp"
#include "actors/supervision/families.hpp"
#include "actors/system.hpp"
#include "core/cluster/descriptor_budget.hpp"
#include "core/storage/open_files.hpp"

#include <condition_variable>
#include <optional>
#include <random>
#include <set>
#include <thread>

namespace grape::actors {

namespace {

/// How long a start waits for all shards. Afterwards the node opens for those that serve, and says
/// that it is not ready.
constexpr std::chrono::seconds start_patience{3};

template <class Unit>
std::uint64_t steady_now() {
  return static_cast<std::uint64_t>(
    std::chrono::duration_cast<Unit>(std::chrono::steady_clock::now().time_since_epoch()).count());
}

std::shared_ptr<house> furnish(const node_config& config) {
  auto home = std::make_shared<house>();
  home->config = config;
  home->files = &storage::posix_file_system();
  home->host.now_ms = steady_now<std::chrono::milliseconds>;
  home->host.now_us = steady_now<std::chrono::microseconds>;
  home->host.drawn = std::uint64_t{std::random_device{}()} << 32 | std::random_device{}();
  home->host.make_pool = [](const thread_pool_options& options) -> std::shared_ptr<job_pool> {
    return std::make_shared<thread_pool>(options);
  };
  home->host.replicas_max = cluster::replicas_max(
    {.limit = storage::open_files_max(), .connections = config.http.connections_max});
  home->lane = std::make_shared<compaction_lane>(2);
  home->cache
    = std::make_shared<storage::block_cache>(std::size_t{config.storage.cache_mb} << 20);
  home->index_pool = home->host.make_pool({.name = "grape-index",
                                           .threads = home->index_threads(),
                                           .queue_max = 100'000,
                                           .how = urgency::background});
  home->pools.keep(home->index_pool);
  home->graph_pool = home->host.make_pool({.name = "grape-graph",
                                           .threads = home->index_threads(),
                                           .queue_max = 100'000,
                                           .how = urgency::idle});
  home->pools.keep(home->graph_pool);
  home->recovery_pool
    = home->host.make_pool({.name = "grape-recovery", .threads = 4, .queue_max = 64});
  home->pools.keep(home->recovery_pool);
  home->courier_pool
    = home->host.make_pool({.name = "grape-courier", .threads = 2, .queue_max = 256});
  home->pools.keep(home->courier_pool);
  return home;
}

/// What a node of a cluster needs beyond that.
status furnish_for_peers(house& home, data_directory& directory) {
  const auto& who = directory.who();
  auto room = make_peer_room(home.config, who, draw_number(),
                             [&directory](const auto& next) { return directory.write(next); });
  if (!room)
    return room.error();
  home.remote = std::move(*room);
  if (home.config.peer.insecure && !uses_tls(home.config.peer))
    home.notes.add("[peer] insecure = true: whoever reaches " + home.config.peer.bind + ":"
                   + std::to_string(home.config.peer.port)
                   + " can read, change and exhaust this node; give tls_cert, tls_key and tls_ca");
  if (who.founding != cluster::founding_stage::formed)
    return {};
  home.member.set(std::make_shared<const membership>(membership{who.cluster_id, who.number}));
  if (!home.config.cluster.founders.empty())
    home.remote->founding.set(founding_state_of(home.config, who));
  return {};
}

/// A node that comes later becomes a member before anything of it is started.
status join_first(house& home, data_directory& directory, const std::function<bool()>& given_up) {
  if (home.config.cluster.join.empty())
    return {};
  const auto admitted = ask_seeds(home, directory.who(), given_up);
  if (!admitted)
    return admitted.error();
  if (!*admitted)
    return {};
  return admit(home, **admitted, directory.who(),
               [&directory](const auto& next) { return directory.write(next); });
}

status furnish_for_cluster(house& home, data_directory& directory,
                           const std::function<bool()>& given_up) {
  auto joined = join_first(home, directory, given_up);
  return joined.ok() ? furnish_for_peers(home, directory) : joined;
}

/// Whether a start waits on: for the shards, or, in a cluster, until others can reach this node.
bool is_starting(const house& home, bool may_wait) {
  if (home.ready)
    return false;
  if (home.remote)
    return home.remote->port == 0 || may_wait;
  return !home.known.get() || may_wait;
}

} // namespace

/// Hears of the root floor's end, and of the last actor's.
struct root_watch {
  std::mutex mutex;
  std::condition_variable news;
  std::optional<caf::error> ended;
  bool opened = false; // `start` has returned: from now on an end is news to the host.
  bool left = false;   // No actor of the node is left.
};

/// What the actors of a node hold. While one of them is left, nobody else gets the directory.
struct lodging {
  explicit lodging(std::shared_ptr<root_watch> whom)
    : watch(std::move(whom)) {}

  ~lodging() {
    directory = nullptr;
    {
      const std::lock_guard guard{watch->mutex};
      watch->left = true;
    }
    watch->news.notify_all();
  }

  lodging(const lodging&) = delete;
  lodging& operator=(const lodging&) = delete;

  std::shared_ptr<root_watch> watch;
  std::unique_ptr<data_directory> directory;
  std::shared_ptr<house> home;
};

/// The house, for an actor: as long as it has this, it lodges.
std::shared_ptr<house> house_of(const std::shared_ptr<lodging>& who) {
  return {who, who->home.get()};
}

struct node::parts {
  std::shared_ptr<house> home;
  std::shared_ptr<root_watch> watch = std::make_shared<root_watch>();
  std::shared_ptr<lodging> lodgers = std::make_shared<lodging>(watch);
  std::unique_ptr<system_config> config; // Empty, as the next one, on the system of a host.
  std::unique_ptr<caf::actor_system> own_system;
  caf::actor_system* system = nullptr;
  std::unique_ptr<gateway> door;
  std::unique_ptr<gateway> lending_door;
  supervisor_actor root;
  bool stopped = false;
};

node::node(std::unique_ptr<parts> from) : parts_(std::move(from)) {
}

node::~node() {
  stop(std::chrono::seconds{10});
}

gateway_port& node::port() noexcept {
  return *parts_->door;
}

gateway_port& node::port_on_callers() noexcept {
  return *parts_->lending_door;
}

std::size_t node::search_threads() const noexcept {
  return parts_->home->search_threads();
}

metrics::node_metrics& node::metrics() noexcept {
  return parts_->home->metrics;
}

std::string node::folder_of_uploads() const {
  return parts_->home->path(incoming_folder);
}

std::vector<std::string> node::notes() const {
  return parts_->home->notes.all();
}

outcome<std::unique_ptr<node>> node::start(const node_config& config, failed_fn failed,
                                           noted_fn noted, std::function<bool()> given_up) {
  const auto peer = is_clustered(config.cluster) ? config.peer : peer_settings{};
  if (auto good = check_peer(peer); !good.ok())
    return good;
  auto own = std::make_unique<parts>();
  own->config = std::make_unique<system_config>(std::size_t{0}, peer);
  schedule_next_of_kin(*own->config);
  return begin(std::move(own), config, std::move(failed), std::move(noted), std::move(given_up));
}

outcome<std::unique_ptr<node>> node::start_on(caf::actor_system& host, const node_config& config,
                                              failed_fn failed, noted_fn noted) {
  const auto peer = is_clustered(config.cluster) ? config.peer : peer_settings{};
  if (auto good = check_peer(peer); !good.ok())
    return good;
  if (auto good = check_prepared(host, peer, is_clustered(config.cluster)); !good.ok())
    return good;
  auto own = std::make_unique<parts>();
  own->system = &host;
  return begin(std::move(own), config, std::move(failed), std::move(noted), {});
}

/// What is left to do once it is clear on which system.
outcome<std::unique_ptr<node>> node::begin(std::unique_ptr<parts> own, const node_config& config,
                                           failed_fn failed, noted_fn noted,
                                           std::function<bool()> given_up) {
  auto directory = data_directory::open(config.node.data_dir, config.node.id,
                                        is_clustered(config.cluster));
  if (!directory)
    return std::move(directory).error();
  const auto watch = own->watch;
  auto* const host = own->system;
  own->lodgers->directory = std::move(*directory);
  own->lodgers->home = own->home = furnish(config);
  auto& place = *own->lodgers->directory;
  own->home->notes.listen(noted);
  (void)own->home->files->remove_all(own->home->path(incoming_folder));
  own->home->incarnation = place.who().incarnation;
  if (own->home->is_clustered())
    if (auto furnished = furnish_for_cluster(*own->home, place, given_up);
        !furnished.ok())
      return furnished;
  own->home->cluster_id = place.who().cluster_id;
  if (!own->system) {
    own->own_system = std::make_unique<caf::actor_system>(*own->config);
    own->system = own->own_system.get();
  }
  own->door = std::make_unique<gateway>(own->home);
  own->lending_door = std::make_unique<gateway>(*own->door, gateway::lent_threads{});
  own->root = enrolled(*own->home, role::root,
                       spawn_supervisor(*own->system, node_floor(house_of(own->lodgers))));
  own->root->attach_functor([watch, home = own->home, failed](const caf::error& why) {
    bool expected = home->closing;
    {
      const std::lock_guard guard{watch->mutex};
      expected = expected || !watch->opened;
      watch->ended = why;
    }
    watch->news.notify_all();
    if (!expected && failed)
      failed(to_status_of_fall(why));
  });
  std::unique_ptr<node> made{new node{std::move(own)}};
  const auto& home = made->parts_->home;
  const auto give_up = std::chrono::steady_clock::now() + start_patience;
  std::unique_lock lock{watch->mutex};
  while (!watch->ended && is_starting(*home, std::chrono::steady_clock::now() < give_up))
    watch->news.wait_for(lock, std::chrono::milliseconds{5});
  watch->opened = !watch->ended;
  lock.unlock();
  if (!watch->ended)
    return made;
  if (!made->starts_again())
    return to_status_of_fall(*watch->ended);
  made = nullptr;
  return host ? start_on(*host, config, std::move(failed), std::move(noted))
              : start(config, std::move(failed), std::move(noted), std::move(given_up));
}

bool node::starts_again() const noexcept {
  const auto& room = parts_->home->remote;
  return room && room->starts_again;
}

namespace {

/// Every group that this node leads.
std::set<group_id> groups_led(const house& home) {
  std::set<group_id> led;
  const auto member = home.member.get();
  const auto known = home.known.get();
  if (member && known)
    for (const auto& [group, replicas] : known->state.groups())
      if (home.leaders.of(group) == member->self)
        led.insert(group);
  return led;
}

/// Whether one of these groups has no other leader yet that this node knows of: until then its vote
/// may be needed.
bool any_without_heir(const house& home, const std::set<group_id>& led) {
  const auto self = home.member.get()->self;
  for (const auto group : led)
    if (home.leaders.of(group).value_or(self) == self)
      return true;
  return false;
}

/// Before this node goes, others take over what it leads; not for long, if they do not.
void hand_over(const house& home) {
  constexpr std::chrono::milliseconds patience{400};
  const auto led = groups_led(home);
  for (const auto group : led)
    if (const auto who = home.board.get<raft_group_actor>(role::raft_group(group)))
      caf::anon_send(who, hand_over_group{});
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (!led.empty() && any_without_heir(home, led) && std::chrono::steady_clock::now() < give_up)
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
}

} // namespace

void node::stop(std::chrono::milliseconds within, const std::function<void()>& ended) {
  auto& own = *parts_;
  if (std::exchange(own.stopped, true))
    return;
  hand_over(*own.home);
  own.home->closing = true;
  caf::anon_send<caf::message_priority::high>(
    caf::actor_cast<caf::actor>(own.root), caf::exit_msg{{}, caf::exit_reason::user_shutdown});
  bool in_order = false;
  {
    std::unique_lock lock{own.watch->mutex};
    in_order = own.watch->news.wait_for(lock, within,
                                        [&own] { return own.watch->ended.has_value(); });
    if (!in_order)
      caf::anon_send<caf::message_priority::high>(
        caf::actor_cast<caf::actor>(own.root), caf::exit_msg{{}, caf::exit_reason::kill});
  }
  own.root = nullptr;
  own.home->board.clear();
  own.home->search_pool.set(nullptr);
  own.home->pools.join_all();
  if (ended && in_order)
    ended();
  own.lodgers = nullptr;
  own.own_system = nullptr; // Waits for the last actor.
  std::unique_lock lock{own.watch->mutex};
  if (!own.watch->news.wait_for(lock, within, [&own] { return own.watch->left; }))
    return;
  own.home->log.set(nullptr); // Files and threads: the house stays for whoever still asks.
  own.home->lane = nullptr;
}

} // namespace grape::actors
