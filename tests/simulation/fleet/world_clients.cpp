#include "tests/simulation/fleet/world.hpp"

#include <algorithm>
#include <utility>

namespace grape::fleet {

/// A client wakes up to begin something, or because it lost its patience.
void world::act(std::uint32_t number, std::uint32_t turn) {
  auto& who = clients_[number];
  if (turn != who.turn || (calm_ && who.finished_calm))
    return;
  ++who.turn;
  who.waits = true;
  who.way.reset();
  std::erase_if(questions_, [number](const auto& each) { return each.second.client == number; });
  const auto patience = how_.how.client_patience + second;
  agenda_.after(patience, [this, number, now = who.turn] { act(number, now); });
  if (begin_request(number))
    step(number, who.turn);
}

/// Through some router, about a shard that it knows of.
bool world::begin_request(std::uint32_t number) {
  auto& who = clients_[number];
  auto& router = *hosts_[static_cast<std::size_t>(client_luck_.below(hosts_.size()))];
  if (!router.runs() || !router.catalog || router.catalog->groups().size() < 2)
    return false;
  const auto& groups = router.catalog->groups();
  const auto chosen = std::next(
      groups.begin(), static_cast<std::ptrdiff_t>(1 + client_luck_.below(groups.size() - 1)));
  who.group = chosen->first;
  if (!laws_.contains(who.group))
    return false;
  who.reads = client_luck_.below(100) < how_.how.read_percent;
  who.floor = laws(who.group).floor();
  who.router = router.place;
  who.router_life = router.life;
  std::vector<query::route_target> targets;
  for (const auto& each : chosen->second.replicas)
    if (each.role == cluster::replica_role::voter)
      targets.push_back(
          {each.node,
           each.node == router.number() || router.hears->of(each.node) == cluster::health::alive,
           each.node == router.number() ? 0u : 1u});
  const auto known = router.leaders.find(who.group);
  who.way.emplace(
      who.reads ? query::route_goal::read : query::route_goal::write, std::move(targets),
      known == router.leaders.end() ? std::nullopt : std::optional{known->second},
      agenda_.now_ms() + how_.how.client_patience / millisecond, query::route_options{});
  return true;
}

void world::step(std::uint32_t number, std::uint32_t turn) {
  auto& who = clients_[number];
  const auto& router = *hosts_[who.router];
  while (who.turn == turn && who.way && router.up && router.life == who.router_life) {
    const auto next = who.way->next(agenda_.now_ms());
    if (const auto* to = std::get_if<query::route::send>(&next)) {
      ask(number, to->to);
    } else if (const auto* pause = std::get_if<query::route::wait>(&next)) {
      const auto until = std::max(pause->until_ms * millisecond, agenda_.now() + millisecond);
      return agenda_.after(until - agenda_.now(), [this, number, turn] { step(number, turn); });
    } else {
      return finish(number, false);
    }
  }
}

void world::ask(std::uint32_t number, node_number to) {
  const auto& who = clients_[number];
  const auto attempt = ++attempts_;
  questions_[attempt] = {number, who.turn, to.value - 1};
  const auto& router = *hosts_[who.router];
  post(router, to.value - 1, [this, attempt, copy = who](host& at) { serve(at, attempt, copy); });
  if (!is_up(to.value - 1))
    agenda_.after(20 * millisecond, [this, attempt] { refused(attempt, errc::unavailable, {}); });
}

void world::serve(host& at, std::uint64_t attempt, const client& who) {
  auto* replica = at.in(who.group);
  if (replica == nullptr || !replica->up())
    return refuse(at, attempt, errc::stale_route, {});
  std::optional<node_number> leader;
  const auto known = at.addresses.find({who.group, replica->peer->status().leader});
  if (known != at.addresses.end())
    leader = node_number{known->second + 1};
  if (raft::contains(replica->state.members->witnesses, replica->id)
      || (!who.reads && replica->before.role != raft::role::leader))
    return refuse(at, attempt, errc::unavailable, leader);
  if (who.reads) {
    replica->reads.push_back({attempt, 0, who.floor, {}, 0});
    static_cast<void>(replica->peer->read(attempt));
    return settle(*replica);
  }
  const simulation::command what{simulation::command_kind::plain, attempt, 0, 0};
  const auto padding = static_cast<std::size_t>(client_luck_.below(how_.how.payload_max));
  const auto fate = replica->peer->propose(simulation::encode(what, padding));
  if (const auto* placed = std::get_if<raft::appended>(&fate)) {
    replica->writes.push_back({attempt, 0, placed->index, placed->term});
  } else {
    laws(who.group).refused(attempt);
    refuse(at, attempt, errc::overloaded, leader);
  }
  settle(*replica);
}

void world::answer_reads(resident& at) {
  std::erase_if(at.reads, [&](const simulation::pending_read& each) {
    if (each.confirmed == log_index{} || each.confirmed > at.state.applied)
      return false;
    answer(home(at), each.context, at.state.applied);
    return true;
  });
}

void world::answer(host& at, std::uint64_t attempt, log_index index) {
  const auto asked = questions_.find(attempt);
  if (asked == questions_.end())
    return;
  const auto& who = clients_[asked->second.client];
  post(at, who.router, [this, attempt, index, from = at.number()](host& router) {
    const auto found = questions_.find(attempt);
    if (found == questions_.end() || clients_[found->second.client].turn != found->second.turn)
      return;
    const auto& asker = clients_[found->second.client];
    if (router.life != asker.router_life)
      return;
    if (!asker.reads)
      router.leaders[asker.group] = from;
    laws(asker.group).seen(index);
    finish(found->second.client, true);
  });
}

void world::refuse(host& at, std::uint64_t attempt, errc why, std::optional<node_number> leader) {
  const auto asked = questions_.find(attempt);
  if (asked == questions_.end())
    return;
  post(at, clients_[asked->second.client].router,
       [this, attempt, why, leader](host&) { refused(attempt, why, leader); });
}

void world::refused(std::uint64_t attempt, errc why, std::optional<node_number> leader) {
  const auto found = questions_.find(attempt);
  if (found == questions_.end())
    return;
  const auto asked = found->second;
  questions_.erase(found);
  auto& who = clients_[asked.client];
  if (who.turn != asked.turn || !who.way)
    return;
  who.way->failed(node_number{asked.place + 1}, {why, "refused"}, leader, agenda_.now_ms());
  step(asked.client, asked.turn);
}

void world::finish(std::uint32_t number, bool well) {
  auto& who = clients_[number];
  ++who.turn;
  who.waits = false;
  who.way.reset();
  std::erase_if(questions_, [number](const auto& each) { return each.second.client == number; });
  answered_ += well ? 1 : 0;
  who.finished_calm = who.finished_calm || (well && calm_);
  agenda_.after(1 + client_luck_.exponential(how_.how.think_mean),
                [this, number, turn = who.turn] { act(number, turn); });
}

/// Whoever waits for an answer from there is told so by the link.
void world::links_break(std::uint32_t place) {
  for (const auto& [attempt, asked] : questions_)
    if (asked.place == place)
      agenda_.after(50 * millisecond,
                    [this, one = attempt] { refused(one, errc::commit_unknown, {}); });
}

} // namespace grape::fleet
