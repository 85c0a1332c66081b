// One question to one shard: by its door here, or through the replicas of its group as a
// query::route decides.

#include "actors/router_state.hpp"
#include "core/shard/command.hpp"
#include "core/shard/remote.hpp"

#include <algorithm>

namespace grape::actors {

namespace {

/// A question that waits rings at least so often; so few timers are under way, however many wait.
constexpr std::uint64_t timer_ms_max = 1'000;

/// A shard is in the map of a node that is alone a moment before its door is there.
constexpr std::chrono::milliseconds door_pause{5};

/// Beyond the deadline, for an answer that is on its way.
constexpr std::chrono::milliseconds late_grace{2'000};

bool is_write(const door_question& asked) {
  return !std::holds_alternative<shard_read>(asked);
}

status status_of(const door_question& asked, const caf::error& why) {
  return is_write(asked) ? to_write_status(why) : to_status(why);
}

shard::shard_request request_of(const write_command& asked) {
  return shard::remote_write{asked.epoch, asked.validated_against, asked.wait, asked.timeout_ms,
                             asked.bytes, asked.ack};
}

shard::shard_request request_of(const schema_change& asked) {
  return shard::remote_schema{asked.schema->version,
                              shard::encode(shard::change_schema{*asked.schema})};
}

shard::shard_request request_of(const shard_read& asked) {
  return shard::remote_read{*asked.asked, asked.level};
}

outcome<door_answer> answer_of(const link_answer& from, const door_question& asked) {
  auto reply = shard::decode_shard_reply(from.bytes);
  if (!reply)
    return std::move(reply).error();
  const auto* receipt = std::get_if<shard::remote_receipt>(&*reply);
  if (receipt != nullptr && is_write(asked))
    return door_answer{shard_receipt{receipt->index, receipt->progress, receipt->copies}};
  auto* answer = std::get_if<shard::answer>(&*reply);
  const auto* read = std::get_if<shard_read>(&asked);
  if (answer == nullptr || read == nullptr || !shard::can_answer(*answer, *read->asked))
    return status{errc::corrupted, "a reply that is none to what was asked"};
  return door_answer{wrap(std::move(*answer))};
}

/// Asks a door of this node; `then(answer)` or `otherwise(error)`.
template <class Then, class Otherwise>
void ask_door(router_state& of, const shard_actor& door, std::chrono::milliseconds within,
              door_question asked, Then then, Otherwise otherwise) {
  const auto take = [then = std::move(then)](auto& answer) { then(std::move(answer)); };
  if (auto* batch = std::get_if<write_command>(&asked))
    of.waits.ask<shard_receipt>(of.self, door, within, std::move(*batch), take, otherwise);
  else if (auto* change = std::get_if<schema_change>(&asked))
    of.waits.ask<shard_receipt>(of.self, door, within, std::move(*change), take, otherwise);
  else
    of.waits.ask<parcel<shard::answer>>(of.self, door, within,
                                        std::move(std::get<shard_read>(asked)), take, otherwise);
}

/// Of a question that was planned by a map that had the shard.
status deleted_meanwhile() {
  return {errc::stale_route, "the shard was deleted meanwhile"};
}

/// "words/0", or what is known of a shard that is not in the catalog any more.
std::string name_of(const cluster::metadata& known, group_id group) {
  auto found = "of group " + std::to_string(group.value);
  known.for_each_collection([&found, group](const std::string& name, const auto& entry) {
    for (const auto& [shard, of] : entry.groups)
      if (of == group)
        found = name + "/" + std::to_string(shard.value);
  });
  return found;
}

std::string name_of(const cluster::metadata& known, node_number node) {
  const auto at = known.nodes().find(node);
  return at != known.nodes().end() ? at->second.name : "node " + std::to_string(node.value);
}

/// A stamped command says whether an earlier attempt may have taken effect.
void note_again(errand& of) {
  auto* batch = std::get_if<write_command>(&of.asked);
  if (batch == nullptr)
    return;
  auto apart = shard::split_stamp(batch->bytes);
  if (!apart || !apart->stamp || apart->stamp->again)
    return;
  apart->stamp->again = true;
  batch->bytes = shard::stamped(*apart->stamp, std::string(apart->command));
  of.encoded.clear();
}

} // namespace

/// A node that is alone has one door to each shard, which holds back what must wait.
void router_state::ask_shard(group_id group, door_question asked, const errand_plan& plan,
                             std::function<void(outcome<door_answer>)> then) {
  if (home->member.get()) {
    const auto* read = std::get_if<shard_read>(&asked);
    if (read != nullptr && read->level == read_level::all_replicas)
      return ask_every_replica(group, asked, plan, std::move(then));
    return begin_errand(group, std::move(asked), plan, {}, std::move(then));
  }
  const auto door = home->board.get<shard_actor>(role::shard(group));
  if (!door && is_gone(group))
    return then(deleted_meanwhile());
  if (!door && home->host.now_ms() < plan.attempts_end_ms)
    return self->delayed_send(self, door_pause,
                              wrap(doorless{group, std::move(asked), plan, std::move(then)}));
  if (!door)
    return then(status{errc::unavailable, "a shard of the collection is not ready yet"});
  const auto told = std::make_shared<std::function<void(outcome<door_answer>)>>(std::move(then));
  const auto is_writing = is_write(asked);
  ask_door(
      *this, door, plan.patience_here, std::move(asked),
      [told](door_answer answer) { (*told)(std::move(answer)); },
      [told, is_writing](const caf::error& why) {
        (*told)(is_writing ? to_write_status(why) : to_status(why));
      });
}

/// Level `all`: each replica confirms an index and waits until it shows it; any answer will do.
void router_state::ask_every_replica(group_id group, const door_question& asked,
                                     const errand_plan& plan,
                                     std::function<void(outcome<door_answer>)> then) {
  struct gathering {
    std::size_t missing = 0;
    std::function<void(outcome<door_answer>)> then; // Empty: told.
  };
  const auto replicas = targets(group, {});
  auto gather = std::make_shared<gathering>(gathering{replicas.size(), std::move(then)});
  if (is_gone(group))
    return gather->then(deleted_meanwhile());
  if (replicas.empty())
    return gather->then(status{errc::unavailable, "the shard has no replica"});
  for (const auto& replica : replicas)
    begin_errand(group, asked, plan, replica.node, [gather](outcome<door_answer> one) {
      if (!gather->then || (one && --gather->missing > 0))
        return;
      const auto tell = std::exchange(gather->then, nullptr);
      if (!one && one.error().code == errc::timed_out)
        return tell(status{errc::unavailable, one.error().detail}); // Not late: not all are here.
      tell(std::move(one));
    });
}

void router_state::begin_errand(group_id group, door_question asked, const errand_plan& plan,
                                std::optional<node_number> only,
                                std::function<void(outcome<door_answer>)> then) {
  query::route_options options;
  options.attempts_end_ms = plan.attempts_end_ms;
  auto one = std::make_shared<errand>(
      errand{group, std::move(asked), plan.deadline_ms, only,
             query::route{plan.goal, targets(group, only), home->leaders.of(group),
                          plan.deadline_ms, options},
             std::move(then)});
  one->began_us = home->host.now_us();
  one->way.hears(hears_majority(group));
  go_on(one);
}

/// Performs steps of its route until it waits or is over.
void router_state::go_on(const std::shared_ptr<errand>& one) {
  while (one->then) {
    if (is_gone(one->group))
      one->way.gone(home->host.now_ms());
    const auto step = one->way.next(home->host.now_ms());
    if (const auto* to = std::get_if<query::route::send>(&step))
      send(one, to->to, to->again);
    else if (const auto* until = std::get_if<query::route::wait>(&step))
      return wake(one, until->until_ms);
    else
      finish(one, explained(*one, std::get<query::route::give_up>(step).why));
  }
}

void router_state::send(const std::shared_ptr<errand>& one, node_number to, bool again) {
  if (one->way.asked().size() > 1)
    home->counted.router_retries.add();
  if (again && is_write(one->asked)) {
    home->counted.repeated_writes.add();
    note_again(*one);
  }
  const auto member = home->member.get();
  if (member && member->self == to)
    return send_here(one);
  const auto link = home->board.get<peer_link_actor>(role::link(to));
  if (!link)
    return failed(one, to, {errc::unavailable, "this node has no link to it"}, {});
  if (one->encoded.empty())
    one->encoded = std::visit(
        [](const auto& question) { return shard::encode(request_of(question)); }, one->asked);
  const auto now = home->host.now_ms();
  const auto within =
      std::chrono::milliseconds{one->deadline_ms > now ? one->deadline_ms - now : 0} + late_grace;
  waits.ask<link_answer>(
      self, link, within,
      link_question{link::lane::normal, link::addressee::shard, one->group, one->deadline_ms,
                    one->encoded},
      [this, one, to](const link_answer& bytes) {
        if (!one->then)
          return; // Another one was faster.
        auto answer = answer_of(bytes, one->asked);
        if (!answer) {
          failed(one, to, answer.error(), {});
          return go_on(one);
        }
        if (is_write(one->asked) && home->leaders.of(one->group) != to)
          home->leaders.hinted(one->group, to);
        answered(one, to, std::move(*answer));
      },
      [this, one, to](const caf::error& why) {
        failed(one, to, status_of(one->asked, why), leader_of(why));
        go_on(one);
      });
}

void router_state::send_here(const std::shared_ptr<errand>& one) {
  const auto own = home->member.get()->self;
  const auto door = home->board.get<shard_actor>(role::shard(one->group));
  if (!door)
    return failed(one, own, {errc::unavailable, "its replica here is not ready yet"},
                  home->leaders.of(one->group));
  const auto now = home->host.now_ms();
  const auto within =
      std::chrono::milliseconds{one->deadline_ms > now ? one->deadline_ms - now : 0} + late_grace;
  ask_door(
      *this, door, within, one->asked,
      [this, one, own](door_answer answer) { answered(one, own, std::move(answer)); },
      [this, one, own](const caf::error& why) {
        failed(one, own, status_of(one->asked, why), leader_of(why));
        go_on(one);
      });
}

/// The route hears of it; whoever calls goes on. So do those who come later, of the leader.
void router_state::failed(const std::shared_ptr<errand>& one, node_number by, status why,
                          std::optional<node_number> leader) {
  if (leader && leader != by)
    home->leaders.hinted(one->group, leader);
  if (one->then)
    one->way.failed(by, std::move(why), leader, home->host.now_ms());
}

/// A read's answer is told how it was found.
void router_state::answered(const std::shared_ptr<errand>& one, node_number by, door_answer with) {
  if (auto* found = std::get_if<parcel<shard::answer>>(&with))
    found->value->way = {by, one->way.asked(), one->way.hedged(),
                         home->host.now_us() - one->began_us};
  finish(one, std::move(with));
}

void router_state::finish(const std::shared_ptr<errand>& one, outcome<door_answer> with) {
  sleep_no_more(one);
  if (const auto then = std::exchange(one->then, nullptr))
    then(std::move(with));
}

void router_state::wake(const std::shared_ptr<errand>& one, std::uint64_t at_ms) {
  sleep_no_more(one);
  one->wakes_ms = at_ms;
  waiting.emplace(at_ms, one);
  arm(at_ms);
}

void router_state::sleep_no_more(const std::shared_ptr<errand>& one) {
  const auto [first, last] = waiting.equal_range(one->wakes_ms);
  const auto at =
      std::find_if(first, last, [&one](const auto& other) { return other.second == one; });
  if (at != last)
    waiting.erase(at);
}

void router_state::arm(std::uint64_t at_ms) {
  const auto now = home->host.now_ms();
  at_ms = std::clamp(at_ms, now, now + timer_ms_max);
  if (armed_ms && *armed_ms <= at_ms)
    return;
  armed_ms = at_ms;
  self->delayed_send(self, std::chrono::milliseconds{at_ms - now}, errand_due{at_ms});
}

/// Those whose time has come look at where the shard is now, and at who is healthy.
void router_state::due(std::uint64_t at_ms) {
  if (armed_ms == at_ms)
    armed_ms.reset();
  const auto now = home->host.now_ms();
  while (!waiting.empty() && waiting.begin()->first <= now) {
    const auto one = waiting.begin()->second;
    waiting.erase(waiting.begin());
    look_again(*one);
    go_on(one);
  }
  if (!waiting.empty())
    arm(waiting.begin()->first);
}

void router_state::look_again(errand& one) {
  one.way.retarget(targets(one.group, one.only), home->leaders.of(one.group));
  one.way.hears(hears_majority(one.group));
}

void router_state::ask_leader_of(group_id group) {
  const auto leader = home->leaders.of(group);
  if (!leader)
    return; // It is gone again.
  std::vector<std::shared_ptr<errand>> concerned;
  for (const auto& [wakes_ms, one] : waiting)
    if (one->group == group && !one->only)
      concerned.push_back(one);
  for (const auto& one : concerned) {
    look_again(*one);
    one->way.led_by(*leader, home->host.now_ms());
    go_on(one);
  }
}

/// The catalog once had it, or nobody would have asked.
bool router_state::is_gone(group_id group) const {
  const auto now_known = home->known.get();
  if (!now_known)
    return false;
  if (home->member.get())
    return !now_known->state.groups().contains(group);
  bool is_known = false;
  now_known->state.for_each_collection([&is_known, group](const auto&, const auto& entry) {
    for (const auto& [shard, of] : entry.groups)
      is_known = is_known || of == group;
  });
  return !is_known;
}

void router_state::end_those_gone() {
  std::vector<std::shared_ptr<errand>> gone;
  for (const auto& [wakes_ms, one] : waiting)
    if (is_gone(one->group))
      gone.push_back(one);
  for (const auto& one : gone)
    go_on(one);
}

query::route_peer router_state::way_to(node_number node) const {
  const auto peer = home->peers.look(node);
  return {peer.connected && peer.health == cluster::health::alive, peer.rtt_us};
}

std::vector<query::route_target> router_state::targets(group_id group,
                                                       std::optional<node_number> only) const {
  const auto now_known = home->known.get();
  const auto member = home->member.get();
  if (!now_known || !member)
    return {};
  const auto& groups = now_known->state.groups();
  const auto at = groups.find(group);
  if (at == groups.end())
    return {};
  auto all = query::targets_of(at->second, member->self,
                               [this](node_number node) { return way_to(node); });
  if (only)
    std::erase_if(all, [&only](const auto& target) { return target.node != *only; });
  return all;
}

bool router_state::hears_majority(group_id group) const {
  const auto now_known = home->known.get();
  const auto member = home->member.get();
  if (!now_known || !member)
    return true; // Alone.
  const auto& groups = now_known->state.groups();
  const auto at = groups.find(group);
  return at == groups.end()
         || query::hears_majority(at->second, member->self,
                                  [this](node_number node) { return way_to(node); });
}

status router_state::explained(const errand& of, status why) const {
  const auto now_known = home->known.get();
  if (!now_known)
    return why;
  return query::with_attempts(
      std::move(why), name_of(now_known->state, of.group), of.way.asked(),
      [&now_known](node_number node) { return name_of(now_known->state, node); });
}

} // namespace grape::actors
