#include "actors/raft_group.hpp"

#include "actors/raft_group_state.hpp"
#include "actors/reporting.hpp"
#include "core/raft/codec.hpp"
#include "core/raft/successor.hpp"

namespace grape::actors {

namespace {

constexpr std::uint32_t read_patience_ticks = 30;
constexpr std::uint32_t room_retry_ticks = 10;

} // namespace

raft_group_state::~raft_group_state() {
  if (home)
    home->awake.remove(group);
}

void raft_group_state::tick() {
  waits.look(self);
  if (!peer)
    return;
  ++ticks;
  look_for_streams();
  if (first_try.takes_tick(peer->standing()))
    peer->campaign();
  else
    peer->tick();
  if (!full.ok() && ticks % room_retry_ticks == 0)
    write();
  while (!reads.empty() && ticks - reads.begin()->second.asked_at > read_patience_ticks) {
    reads.begin()->second.promise.refuse(to_error(not_leading()));
    reads.erase(reads.begin());
  }
  perform_soon();
}

void raft_group_state::deliver(const link_delivery& came) {
  if (!peer)
    return; // Delivery is at most once anyway: the peers resend.
  auto message = raft::decode_message(came.bytes);
  if (!message)
    return home->notes.add("group " + place->name + ": a message of node "
                           + std::to_string(came.from.value)
                           + " cannot be read: " + message.error().detail);
  nodes[message->from] = came.from;
  heard[message->from] = ticks;
  if (message->snapshot && message->snapshot->index > peer->commit() && !place->is_witness)
    return; // Its state comes first: SNAPSHOTS hands over both.
  const auto news = raft::news_of(*message);
  peer->step(std::move(*message));
  age.heard(news, peer->standing(), home->host.now_ms());
  perform_soon();
}

void raft_group_state::propose(const propose_entry& asked) {
  proposal_taken told;
  told.ticket = asked.ticket;
  if (!leads())
    told.why = not_leading();
  else if (!full.ok())
    told.why = full;
  else if (const auto what = peer->propose(asked.data);
           const auto* taken = std::get_if<raft::appended>(&what)) {
    told.index = taken->index;
    told.term = taken->term;
    times.appended(taken->index, home->host.now_us());
  } else {
    const auto* dropped = std::get_if<raft::dropped>(&what);
    told.why = {dropped != nullptr ? dropped->why : errc::commit_unknown,
                "the log of shard " + place->name + " takes nothing now"};
  }
  self->send(host_of, told);
  perform_soon();
}

caf::result<log_index> raft_group_state::confirm() {
  if (!failed.ok())
    return to_error(failed);
  if (!peer)
    return to_error(not_leading());
  const owed<log_index> promise{self, fell()};
  const auto context = next_context++;
  reads.emplace(context, open_read{promise, ticks});
  peer->read(context);
  perform_soon();
  return promise;
}

caf::result<done> raft_group_state::change_members(const change_group_members& asked) {
  if (!leads())
    return to_error(not_leading(), home->leaders.of(group));
  if (asked.based_on && history->since() > *asked.based_on)
    return to_error({errc::stale_route, "the members of " + place->name + " are newer"});
  const auto what = peer->propose(asked.change);
  perform_soon();
  if (std::holds_alternative<raft::appended>(what))
    return done{};
  return to_error(
      {errc::unavailable, "a change of the members of " + place->name + " is under way already"});
}

caf::result<done> raft_group_state::hand_over(const hand_over_group& asked) {
  if (!leads())
    return to_error(not_leading(), home->leaders.of(group));
  if (!asked.to && !step_aside())
    return to_error({errc::unavailable, "nobody can take " + place->name + " over"});
  if (asked.to)
    peer->transfer_to(*asked.to);
  perform_soon();
  return done{};
}

/// Lets the best of the others lead, if this one does. False: there is none, or nothing to give.
bool raft_group_state::step_aside() {
  const auto to = leads() ? raft::best_successor(peer->status()) : std::nullopt;
  if (!to)
    return false;
  peer->transfer_to(*to);
  perform_soon();
  return true;
}

caf::result<group_status> raft_group_state::report() {
  if (!failed.ok())
    return to_error(failed);
  if (!peer)
    return to_error(not_leading());
  return group_status{peer->status(), history->since()};
}

/// A sleeping group relies on the link between nodes; and who leads may have gone with it.
void raft_group_state::look_after(node_number node) {
  const auto is = home->peers.look(node);
  if (!peer || is.health == cluster::health::alive)
    return;
  for (const auto member : peer->members().members())
    if (node_of(member) == node) {
      if (is.connected)
        peer->wake();
      else
        peer->report_lost(member);
    }
  perform_soon();
}

void raft_group_state::applied(const applied_news& news) {
  applied_durable = std::max(applied_durable, news.applied_durable);
  if (!peer)
    return;
  auto through = peer->applied();
  for (; !fed.empty() && fed.front().index <= news.applied; fed.pop_front()) {
    if (auto taken = history->applied(fed.front()); !taken.ok())
      return self->quit(to_error(taken));
    through = std::max(through, fed.front().index);
    fed_bytes -= fed.front().bytes();
  }
  peer->applied(through);
  age.applied(through);
  compact();
  perform_soon();
}

namespace {

raft_group_self::behavior_type raft_group(raft_group_pointer self,
                                          const std::shared_ptr<house>& home, group_id group,
                                          const std::string& host_role) {
  self->state.self = self;
  self->state.home = home;
  self->state.group = group;
  self->state.counted.emplace(home->metrics.series());
  home->board.put(role::raft_group(group), caf::actor_cast<caf::strong_actor_ptr>(self));
  if (const auto host = home->board.get<group_host_actor>(host_role))
    self->send(host, group_begun{});
  return {
      reports(self),
      [self](const host_group& asked) { return self->state.host(asked); },
      [self](const applied_news& news) { self->state.applied(news); },
      [self](const propose_entry& asked) { self->state.propose(asked); },
      [self](confirm_read) { return self->state.confirm(); },
      [self](const link_delivery& came) { self->state.deliver(came); },
      [self](raft_tick) { self->state.tick(); },
      [self](const peer_health_changed& news) { self->state.look_after(news.node); },
      [self](const change_group_members& asked) { return self->state.change_members(asked); },
      [self](const hand_over_group& asked) { return self->state.hand_over(asked); },
      [self](actors::go_on_alone) { return self->state.go_on_alone(); },
      [self](group_status_request) { return self->state.report(); },
      [self](const snapshot_sent& told) { self->state.sent_snapshot(told); },
      [self](const snapshot_message_request& asked) { return self->state.draft_snapshot(asked); },
      [self](const snapshot_staged& asked) { return self->state.install(asked); },
      [self](perform_now) {
        self->state.performing = false;
        self->state.perform();
      },
  };
}

} // namespace

raft_group_actor spawn_raft_group(caf::actor_system& system, std::shared_ptr<house> home,
                                  group_id group, std::string host) {
  return enrolled(
      *home, role::raft_group(group),
      caf::actor_cast<raft_group_actor>(system.spawn(raft_group, home, group, std::move(host))));
}

} // namespace grape::actors
