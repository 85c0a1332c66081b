#include "actors/remote/client_session.hpp"

#include "actors/remote/client_session_state.hpp"

#include <algorithm>

namespace grape::actors {

namespace {

/// A client from which nothing comes for so long, pings included, is gone.
constexpr std::uint64_t silence_us_max = 5'000'000;

constexpr std::size_t words_max = 4'096; // Of a refusal.

/// How often whoever has only knocked looks whether there is still a place for it.
constexpr std::uint64_t look_at_place_ms = 500;

status without_place() {
  return {errc::overloaded, "the client said nothing for too long, or too many others came"};
}

using session_self = own_session_actor::stateful_pointer<client_session_state>;

own_session_actor::behavior_type session(session_self self, const std::shared_ptr<house>& home,
                                         const std::shared_ptr<client_room::place>& place,
                                         const door_actor& door) {
  auto& state = self->state;
  state.self = self;
  state.home = home;
  state.place = place;
  state.pings.emplace(link::ping_options{}, state.now_us());
  self->monitor(door);
  self->set_default_handler(caf::drop); // Strangers may say anything.
  self->set_down_handler([self](const caf::down_msg& down) {
    if (self->state.far && self->state.far.address() == down.source)
      self->quit();
    else
      self->state.end({errc::closed, "the node is closing"});
  });
  state.arm();
  return {
      [self](const link_knock&) -> caf::result<link_welcome> {
        auto& now = self->state;
        if (now.far || !self->current_sender())
          return to_error({errc::bad_request, "this is another client's"});
        now.welcome(self->current_sender());
        return link_welcome{now.home->member.get()->self};
      },
      [self](const link_frame& frame) {
        if (self->state.is_from_client(self->current_sender()))
          self->state.receive(frame);
      },
      [self](const link_farewell&) {
        if (self->state.is_from_client(self->current_sender()))
          self->quit();
      },
      [self](const session_answer& answer) { self->state.answered(answer); },
      [self](const session_written& seen) {
        self->state.looking_at.erase(seen.collection);
        self->state.watched.written(seen.collection, seen.id, seen.indexes);
        self->state.tell_news();
        self->state.greet();
      },
      [self](link_wake) { self->state.wake(); },
      [self](link_flush) { self->state.flush(); },
  };
}

} // namespace

client_session_actor spawn_client_session(caf::actor_system& system, std::shared_ptr<house> home,
                                          std::shared_ptr<client_room::place> place,
                                          const door_actor& door) {
  return caf::actor_cast<client_session_actor>(
      system.spawn(session, std::move(home), std::move(place), door));
}

bool client_session_state::is_from_client(const caf::strong_actor_ptr& sender) const {
  return far && sender && far.address() == sender->address();
}

void client_session_state::welcome(const caf::strong_actor_ptr& client) {
  far = caf::actor_cast<far_client_actor>(client);
  self->monitor(far);
  const auto member = home->member.get();
  link::hello own;
  own.cluster_id = member->cluster_id;
  own.cluster_name = home->config.cluster.name;
  own.number = member->self;
  own.node_name = home->config.node.id;
  own.incarnation = {home->remote->identity.disk, home->remote->identity.incarnation,
                     home->remote->drawn};
  own.http_address = advertised_http_address(home->config);
  hello = link::encode(own);
  greet();
}

void client_session_state::receive(const link_frame& frame) {
  auto brought = in.accept(frame.bytes);
  if (!brought)
    return end(brought.error());
  if (const auto heard = out.heard(*brought, now_ms()); !heard.ok())
    return end(heard);
  if (!is_attached && !place->attach(now_ms()))
    return end(without_place());
  is_attached = true;
  pings->heard(now_us());
  for (const auto& parcel : brought->parcels) {
    take(parcel.on, parcel.bytes);
    if (is_over)
      return;
  }
  account();
  greet();
}

void client_session_state::take(link::lane on, std::string_view bytes) {
  const auto parcel = link::open_envelope(bytes);
  if (!parcel)
    return end(parcel.error());
  switch (parcel->kind) {
    case link::envelope_kind::question: return ask(on, *parcel);
    case link::envelope_kind::ping:
      (void)push(link::lane::urgent,
                 {.kind = link::envelope_kind::pong, .ticket = parcel->ticket, .bytes = {}});
      return;
    case link::envelope_kind::pong: return pings->answered(parcel->ticket.value, now_us());
    case link::envelope_kind::post:
    case link::envelope_kind::answer:
    case link::envelope_kind::refusal:
      return end({errc::corrupted, "a client asks, and does nothing else"});
  }
}

void client_session_state::answered(const session_answer& answer) {
  under_way.erase(answer.request);
  const auto& said = *answer.bytes;
  if (said)
    reply(answer.request, *said);
  else
    refuse(answer.request, said.error());
  account();
}

void client_session_state::reply(link::ticket request, const std::string& bytes) {
  const auto sent = push(link::lane::normal,
                         {.kind = link::envelope_kind::answer, .ticket = request, .bytes = bytes});
  if (!sent.ok())
    refuse(request, {errc::commit_unknown, "the answer could not be sent: " + sent.detail});
}

void client_session_state::refuse(link::ticket request, status why) {
  why.detail.resize(std::min(why.detail.size(), words_max));
  const auto words = link::encode(link::refusal{std::move(why), {}});
  // If even this finds no room, the client's deadline ends it.
  (void)push(link::lane::urgent,
             {.kind = link::envelope_kind::refusal, .ticket = request, .bytes = words});
}

status client_session_state::push(link::lane on, const link::envelope& parcel) {
  auto pushed = out.push(on, link::seal(parcel), now_ms());
  greet();
  return pushed;
}

/// What this client holds of the node's memory; beyond what all may hold, its connection ends.
void client_session_state::account() {
  auto bytes = in.unjoined_bytes();
  for (const auto& [request, size] : under_way)
    bytes += size;
  for (std::size_t lane = 0; lane < link::lane_count; ++lane)
    bytes += out.queued_bytes(static_cast<link::lane>(lane));
  if (!place->holds(bytes))
    end({errc::overloaded, "the clients of this node hold too much of its memory"});
}

/// By a message to itself: the answer to the knock goes first.
void client_session_state::greet() {
  if (!std::exchange(is_flushing, true))
    self->send(self, link_flush{});
}

void client_session_state::flush() {
  is_flushing = false;
  if (!far || is_over)
    return;
  if (!hello.empty())
    self->send(far, link_hello{std::exchange(hello, {})});
  while (auto frame = out.take_frame(now_ms()))
    self->send(far, link_frame{std::move(*frame)});
  account();
  arm();
}

void client_session_state::wake() {
  wakes.came();
  if (is_over)
    return;
  if (!is_attached && !place->is_kept(now_ms()))
    return end(without_place());
  if (pings->silence_us(now_us()) >= silence_us_max)
    return end({errc::unavailable, "nothing was heard for 5 seconds"});
  if (const auto ping = pings->due(now_us()))
    (void)push(link::lane::urgent,
               {.kind = link::envelope_kind::ping, .ticket = link::ticket{*ping}, .bytes = {}});
  if (!watched.empty() && now_ms() >= look_at_ms)
    look_at_watched();
  flush();
}

void client_session_state::arm() {
  link::earliest next;
  next.take(pings->wake_us() / 1'000 + 1);
  next.take(out.wake_ms());
  if (!watched.empty())
    next.take(look_at_ms);
  if (!is_attached)
    next.take(now_ms() + look_at_place_ms);
  arm_at(self, wakes, next.get(), now_ms());
}

void client_session_state::end(const status& why) {
  if (std::exchange(is_over, true))
    return;
  if (far)
    self->send(far, link_farewell{why.code, why.detail});
  self->quit();
}

} // namespace grape::actors
