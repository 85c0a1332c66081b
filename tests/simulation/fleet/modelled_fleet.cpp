#include "tests/simulation/fleet/modelled_fleet.hpp"

#include <algorithm>
#include <utility>

namespace grape::fleet {

namespace {

constexpr instant beat_us = 200 * millisecond; ///< Between two pings of a node.
constexpr std::uint64_t beats_per_report = 5;  ///< Reports, looks and catalogs: each second.
constexpr std::uint64_t fresh_ms = 3'000;
constexpr std::uint64_t luck_stream = 21;

storm quiet_network() {
  storm how;
  how.latency_min = 200;
  how.latency_mean = 1 * millisecond;
  how.loss_ppm = 1'000;
  return how;
}

cluster::node_entry entry_of(std::size_t number) {
  return {"n" + std::to_string(number), "", "", 1, cluster::node_state::active};
}

} // namespace

modelled_fleet::modelled_fleet(std::uint64_t seed, std::uint32_t nodes, const fleet_pace& pace)
  : pace_(pace)
  , luck_(seed, luck_stream)
  , net_(quiet_network(), seed)
  , state_(std::make_shared<const cluster::metadata>()) {
  cluster::found_cluster founding{"simulated", {}};
  for (std::uint32_t i = 1; i <= nodes; ++i)
    founding.founders.push_back(entry_of(i));
  apply(founding);
  for (std::uint32_t i = 1; i <= nodes; ++i)
    add_host();
}

void modelled_fleet::create(std::uint32_t shards, std::uint32_t factor) {
  cluster::create_collection made{"words", {}};
  made.options.vectors[""].size = 4;
  made.options.shard_number = shards;
  made.options.replication_factor = factor;
  apply(made);
}

node_number modelled_fleet::add_node() {
  apply(cluster::add_node{entry_of(hosts_.size() + 1)});
  return add_host().number;
}

void modelled_fleet::kill(node_number which) {
  auto& who = at(which);
  who.up = false;
  ++who.incarnation;
  who.hears.reset();
  who.told.reset();
  who.coordinator.reset();
  who.commits = false;
  for (const auto& held : who.holds)
    if (groups_.at(held.group).leader() == held.id)
      elect_later(held.group);
}

void modelled_fleet::revive(node_number which) {
  auto& who = at(which);
  who.up = true;
  for (const auto& held : who.holds)
    if (const auto found = groups_.find(held.group); found != groups_.end())
      elect_later(found->first); // Of those that had no majority.
  beat(who, who.incarnation);
}

void modelled_fleet::pass(instant span) {
  const auto end = agenda_.now() + span;
  while (agenda_.step(end)) {}
}

void modelled_fleet::until(const char* what, const std::function<bool()>& holds, instant patience) {
  for (const auto end = agenda_.now() + patience; !holds(); pass(second))
    if (agenda_.now() >= end)
      throw violation("fleet_liveness", std::string{what} + " did not come about within "
                                            + std::to_string(patience / second) + " s");
}

modelled_fleet::host& modelled_fleet::add_host() {
  hosts_.push_back(std::make_unique<host>());
  auto& fresh = *hosts_.back();
  fresh.number = node_number{static_cast<std::uint32_t>(hosts_.size())};
  net_.grow(hosts_.size());
  learn(fresh, state_, version_);
  agenda_.after(luck_.below(beat_us),
                [this, &fresh, now = fresh.incarnation] { beat(fresh, now); });
  return fresh;
}

void modelled_fleet::post(const host& from, node_number to, std::function<void(host&)> what) {
  constexpr auto any_kind = raft::message_kind::propose;
  if (from.number == to)
    return agenda_.after(0, [this, to, what = std::move(what)] {
      if (at(to).up)
        what(at(to));
    });
  ++messages_;
  const auto way = std::pair{from.number.value - 1, to.value - 1};
  const auto arrivals = net_.send(way.first, way.second, any_kind, agenda_.now());
  for (std::size_t i = 0; i < arrivals.count; ++i)
    agenda_.after(arrivals.at[i] - agenda_.now(), [this, way, to, what] {
      if (net_.arrived(way.first, way.second, any_kind) && at(to).up)
        what(at(to));
    });
}

void modelled_fleet::beat(host& who, std::uint64_t incarnation) {
  if (!who.up || who.incarnation != incarnation)
    return;
  ping(who);
  if (who.reports++ % beats_per_report == 0) {
    report(who);
    if (leads_control(who)) {
      look(who);
      broadcast(who);
    } else {
      who.told.reset();
      who.coordinator.reset();
    }
  }
  agenda_.after(beat_us, [this, &who, incarnation] { beat(who, incarnation); });
}

/// To those whose word counts.
void modelled_fleet::ping(host& who) {
  const auto control = who.catalog->groups().find(cluster::metadata_group);
  for (const auto& each : control->second.replicas)
    if (each.node != who.number)
      post(who, each.node, [from = who.number, this](host& to) {
        if (to.hears)
          to.hears->heard(from, agenda_.now_ms());
      });
}

void modelled_fleet::report(host& who) {
  const auto now_ms = agenda_.now_ms();
  cluster::host_report said;
  said.incarnation = who.incarnation;
  said.number = who.reports;
  const auto& control = who.catalog->groups().at(cluster::metadata_group);
  if (control.on(who.number) == nullptr) {
    who.hears.reset();
  } else {
    if (!who.hears)
      who.hears.emplace(cluster::liveness_options{});
    for (const auto& [number, entry] : who.catalog->nodes())
      if (number != who.number && entry.state != cluster::node_state::removed)
        who.hears->watch(number, now_ms);
      else
        who.hears->forget(number);
    who.hears->judge(now_ms);
    said.silent = who.hears->silent();
  }
  for (const auto& held : who.holds)
    if (const auto found = groups_.find(held.group);
        found != groups_.end() && found->second.leader() == held.id)
      said.leads.push_back(found->second.report(held.group, up_in(held.group)));
  said.indexed = who.indexed;
  for (const auto& which : cluster::leaving_replicas(*who.catalog, who.number))
    if (!who.holds.contains(which))
      said.gone.insert(which);
  const auto& control_group = groups_.at(cluster::metadata_group);
  if (const auto leader = home_of(cluster::metadata_group, control_group.leader()))
    post(who, *leader, [this, from = who.number, said = std::move(said)](host& to) {
      if (!to.told)
        to.told.emplace(fresh_ms);
      to.told->told(from, said, agenda_.now_ms());
    });
}

bool modelled_fleet::leads_control(const host& who) const {
  const auto& group = groups_.at(cluster::metadata_group);
  const auto up = up_in(cluster::metadata_group);
  return home_of(cluster::metadata_group, group.leader()) == who.number && group.can_decide(up);
}

void modelled_fleet::look(host& who) {
  if (who.commits || !who.told)
    return;
  if (!who.coordinator)
    who.coordinator.emplace(pace_.coordination);
  const auto now_ms = agenda_.now_ms();
  auto next = who.coordinator->look(*state_, who.told->sight(*state_, now_ms), now_ms);
  for (const auto& action : next.actions)
    perform(who, action);
  if (!next.commands.empty())
    commit(who, std::move(next.commands));
}

/// One round trip to the group's other members.
void modelled_fleet::commit(host& who, std::vector<cluster::metadata_command> commands) {
  who.commits = true;
  const auto incarnation = who.incarnation;
  agenda_.after(2 * millisecond + luck_.exponential(2 * millisecond),
                [this, &who, incarnation, commands = std::move(commands)] {
                  if (who.incarnation != incarnation)
                    return;
                  who.commits = false;
                  if (!leads_control(who))
                    return;
                  for (const auto& command : commands)
                    apply(command);
                  broadcast(who);
                });
}

bool modelled_fleet::apply(const cluster::metadata_command& command) {
  auto next = *state_;
  const auto changed = next.apply(command);
  for (const auto byte : cluster::encode(command))
    digest_ = mixed(digest_, static_cast<unsigned char>(byte));
  digest_ = mixed(digest_, agenda_.now());
  if (!changed || !*changed)
    return false;
  state_ = std::make_shared<const cluster::metadata>(std::move(next));
  ++version_;
  found_groups();
  return true;
}

void modelled_fleet::broadcast(host& who) {
  for (const auto& each : hosts_)
    if (each->version < version_)
      post(who, each->number,
           [this, state = state_, version = version_](host& to) { learn(to, state, version); });
}

void modelled_fleet::learn(host& who, std::shared_ptr<const cluster::metadata> state,
                           std::uint64_t version) {
  if (who.catalog && version <= who.version)
    return;
  who.catalog = std::move(state);
  who.version = version;
  const auto plan = cluster::plan_replicas(*who.catalog, who.number, who.holds, who.deleted);
  for (const auto& each : plan.begin) {
    who.holds.insert(each.which);
    homes_[each.which] = who.number;
  }
  for (const auto& which : plan.end)
    remove(who, which);
}

} // namespace grape::fleet
