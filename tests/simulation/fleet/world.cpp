#include "tests/simulation/fleet/world.hpp"

#include <algorithm>
#include <utility>

namespace grape::fleet {

namespace {

constexpr std::uint64_t luck_stream = 32;
constexpr std::uint64_t fault_stream = 33;
constexpr std::uint64_t client_stream = 34;
constexpr std::uint64_t fresh_ms = 3'000;
constexpr auto any_kind = raft::message_kind::propose;

} // namespace

void deeds::add(const deeds& other) noexcept {
  founded += other.founded;
  moves += other.moves;
  undone += other.undone;
  replaced += other.replaced;
  joined += other.joined;
  emptied += other.emptied;
  called_down += other.called_down;
  stage_kills += other.stage_kills;
  takeovers += other.takeovers;
  cleaned += other.cleaned;
  mended += other.mended;
  dropped += other.dropped;
}

world::world(std::uint64_t seed, const weather& how, world_options options)
  : seed_(seed)
  , how_(how)
  , options_(std::move(options))
  , luck_(seed, luck_stream)
  , fault_luck_(seed, fault_stream)
  , client_luck_(seed, client_stream)
  , net_(how.how, seed)
  , control_(std::make_shared<const cluster::metadata>()) {}

void world::run() {
  begin();
  while (agenda_.step(options_.storm_for)) {}
  heal();
}

void world::begin() {
  for (std::uint32_t i = 1; i <= how_.nodes; ++i)
    add_host("n" + std::to_string(i));
  for (const auto& each : hosts_) {
    cluster::founding_state blank;
    blank.cluster_name = "world";
    for (const auto& other : hosts_)
      blank.founders.push_back(other->name + "=" + other->name + ":6335");
    each->founded = blank;
    agenda_.after(luck_.below(2 * second), [this, &who = *each] { start(who); });
  }
  for (std::uint32_t i = 0; i < how_.how.clients; ++i) {
    clients_.emplace_back();
    agenda_.after(5 * second + luck_.below(second), [this, i] { act(i, 0); });
  }
  agenda_.after(second, [this] { attend(); });
  every(how_.operator_every, [this] { operate(); });
  every(how_.how.crash_every, [this] { misfortune_crash(); });
  every(how_.how.pause_every, [this] { misfortune_pause(); });
  every(how_.how.partition_every, [this] { misfortune_partition(); });
  every(how_.how.clog_every, [this] { misfortune_clog(); });
  every(how_.disk_loss_every, [this] { misfortune_disk(); });
}

void world::every(instant mean, std::function<void()> what) {
  if (mean == 0)
    return;
  agenda_.after(1 + fault_luck_.exponential(mean), [this, mean, what = std::move(what)] {
    if (calm_)
      return;
    what();
    every(mean, what);
  });
}

host& world::add_host(std::string name) {
  hosts_.push_back(std::make_unique<host>());
  auto& fresh = *hosts_.back();
  fresh.place = static_cast<std::uint32_t>(hosts_.size() - 1);
  fresh.name = std::move(name);
  fresh.rate = static_cast<std::uint32_t>(luck_.between(how_.how.rate_min, how_.how.rate_max));
  net_.grow(hosts_.size());
  return fresh;
}

void world::start(host& who) {
  if (who.up || who.lost)
    return;
  ++who.life;
  who.up = true;
  who.hears.emplace(cluster::liveness_options{});
  who.told.emplace(fresh_ms);
  say("start " + who.name + " as node " + std::to_string(who.number().value));
  for (const auto& [which, each] : who.residents) {
    start(*each);
    if (!who.up)
      return;
  }
  if (who.founded)
    found(who);
  if (who.catalog) {
    const auto known = std::exchange(who.version, {});
    learn(who, who.catalog, known);
  }
  later(who, luck_.below(simulation::tick_us), [this, &who] { tick(who); });
  later(who, luck_.below(simulation::tick_us), [this, &who] { beat(who, 0); });
}

void world::crash(host& who) {
  if (!who.up)
    return;
  say("crash " + who.name);
  ++who.life;
  who.up = who.paused = false;
  for (const auto& [which, each] : who.residents)
    stop(*each);
  who.backlog.clear();
  who.founding.reset();
  who.hears.reset();
  who.told.reset();
  who.coordinator.reset();
  who.proposed = {};
  who.indexed.clear();
  who.addresses.clear();
  who.leaders.clear();
  links_break(who.place);
  connections_end(who.place);
}

void world::crash(host& who, instant down_for) {
  ++faults_;
  crash(who);
  agenda_.after(1 + down_for, [this, &who] { start(who); });
}

void world::pause(host& who, instant span) {
  ++faults_;
  who.paused = true;
  say("pause " + who.name);
  agenda_.after(1 + span, [this, &who, life = who.life] {
    if (who.life == life)
      resume(who);
  });
}

/// Everything that came meanwhile, in a burst, in the order in which it came.
void world::resume(host& who) {
  if (!who.up || !who.paused)
    return;
  who.paused = false;
  say("resume " + who.name);
  const auto life = who.life;
  auto burst = std::exchange(who.backlog, {});
  for (auto& each : burst)
    if (who.life == life)
      each();
}

void world::later(host& at, instant delay, std::function<void()> what) {
  agenda_.after(delay, [&at, life = at.life, what = std::move(what)] {
    if (at.life != life || !at.up)
      return;
    if (at.paused)
      at.backlog.push_back(what);
    else
      what();
  });
}

void world::later(resident& at, instant delay, std::function<void(resident&)> what) {
  auto& where = home(at);
  later(where, delay, [&where, which = at.which, life = at.life, what = std::move(what)] {
    auto* who = where.find(which);
    if (who != nullptr && who->up() && who->life == life)
      what(*who);
  });
}

void world::post(const host& from, std::uint32_t to, std::function<void(host&)> what) {
  if (to >= hosts_.size())
    return; // Its process is yet to be started.
  auto& there = *hosts_[to];
  const auto come = [&there, from = from.number(), what = std::move(what), this] {
    if (there.hears)
      there.hears->heard(from, agenda_.now_ms());
    what(there);
  };
  if (from.place == to)
    return later(there, 10, come);
  ++messages_;
  const auto arrivals = net_.send(from.place, to, any_kind, agenda_.now());
  for (std::size_t i = 0; i < arrivals.count; ++i)
    agenda_.after(arrivals.at[i] - agenda_.now(), [this, place = from.place, to, &there, come] {
      if (!net_.arrived(place, to, any_kind) || !there.up)
        return;
      if (there.paused)
        there.backlog.emplace_back(come);
      else
        come();
    });
}

void world::say(const std::string& what) {
  for (const auto letter : what)
    digest_ = mixed(digest_, static_cast<unsigned char>(letter));
  digest_ = mixed(digest_, agenda_.now());
  if (options_.sink)
    options_.sink(std::to_string(agenda_.now_ms()) + " ms: " + what);
}

world_result world::result() const {
  world_result found;
  found.steps = agenda_.steps();
  found.messages = messages_;
  found.faults = faults_;
  found.digest = digest_;
  for (const auto& [group, laws] : laws_)
    found.committed += laws->last_committed().value;
  found.answered = answered_;
  found.ended_at = agenda_.now();
  found.done = done_;
  return found;
}

bool world::is_up(std::uint32_t place) const {
  return place < hosts_.size() && hosts_[place]->up;
}

resident* world::leader_of(group_id group) {
  resident* best = nullptr;
  for (const auto& at : hosts_)
    for (const auto& [which, each] : at->residents)
      if (which.group == group && each->runs() && at->runs()
          && each->before.role == raft::role::leader
          && (best == nullptr || best->before.term < each->before.term))
        best = each.get();
  return best;
}

const resident* world::find(const cluster::held_replica& which) const {
  const auto home_of = homes_.find(which);
  return home_of == homes_.end() ? nullptr : hosts_[home_of->second]->find(which);
}

world_result run_world(std::uint64_t seed, const weather& how, const world_options& options) {
  world one{seed, how, options};
  std::string law;
  std::string detail;
  try {
    one.run();
  } catch (const violation& broken) {
    law = broken.law;
    detail = broken.what();
  }
  auto found = one.result();
  found.law = law;
  found.detail = detail;
  return found;
}

} // namespace grape::fleet
