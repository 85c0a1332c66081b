#include "actors/remote/peer_link_state.hpp"

#include <algorithm>

namespace grape::actors {

namespace {

/// A connection over which nothing comes for so long, pings included, is dead.
constexpr std::uint64_t silence_us_max = 5'000'000;

/// A side that knows its cluster waits so long for the hello of the other.
constexpr std::uint64_t hello_us_max = 10'000'000;

/// Questions of one peer that wait here.
constexpr std::size_t passed_on_max = 16'384;

/// How often overdue questions of the peer are looked for.
constexpr std::uint64_t look_ms = 200;

/// How often a link that is not connected looks whose turn it is to dial.
constexpr std::uint64_t turn_look_ms = 500;

constexpr std::size_t words_max = 4'096; // Of a refusal.

/// Whoever is meant by a post.
using delivered_actor = caf::typed_actor<caf::reacts_to<link_delivery>>;

} // namespace

std::string role_of(link::addressee to, group_id group) {
  switch (to) {
    case link::addressee::link: return {};
    case link::addressee::raft: return role::raft_group(group);
    case link::addressee::shard: return role::shard(group);
    case link::addressee::metadata: return role::meta;
    case link::addressee::snapshot: return role::snapshot;
    case link::addressee::control: return role::coordinator;
    case link::addressee::upkeep: return role::caretaker;
  }
  return {};
}

void peer_link_state::post(const link_post& what) {
  if (!connection || !connection->is_open)
    return;
  // A full queue drops it: whoever posts resends by index.
  (void)push(
      what.on,
      {.kind = link::envelope_kind::post, .to = what.to, .group = what.group, .bytes = what.bytes});
}

caf::result<link_answer> peer_link_state::ask(const link_question& what) {
  if (!connection || !connection->is_open)
    return to_error({errc::unavailable, "there is no connection to " + name});
  if (what.deadline_ms <= now_ms())
    return to_error({errc::timed_out, "the deadline had passed before " + name + " was asked"});
  const auto request = pending->begin(what.deadline_ms);
  if (!request)
    return to_error(request.error());
  const auto left_ms = std::min<std::uint64_t>(what.deadline_ms - now_ms(), UINT32_MAX);
  const auto queued = push(what.on,
                           {.kind = link::envelope_kind::question,
                            .to = what.to,
                            .group = what.group,
                            .ticket = *request,
                            .timeout_ms = static_cast<std::uint32_t>(left_ms),
                            .bytes = what.bytes},
                           *request);
  if (!queued.ok()) {
    pending->answered(*request);
    return to_error(queued);
  }
  const owed<link_answer> promise{self, fell_writing()};
  waiting.emplace(*request, promise);
  arm();
  return promise;
}

void peer_link_state::receive(const link_frame& frame) {
  if (!connection->is_open)
    return end({errc::corrupted, "a frame before the hello"});
  auto in = connection->in.accept(frame.bytes);
  if (!in)
    return end(in.error());
  if (const auto heard = connection->out.heard(*in, now_ms()); !heard.ok())
    return end(heard);
  connection->pings.heard(now_us());
  home->remote->heard.heard(peer, now_ms());
  const auto number = connection->number;
  for (const auto& parcel : in->parcels) {
    take_parcel(parcel.on, parcel.bytes);
    if (!connection || connection->number != number)
      return; // It was not one of ours.
  }
  greet();
}

void peer_link_state::take_parcel(link::lane on, std::string_view bytes) {
  const auto parcel = link::open_envelope(bytes);
  if (!parcel)
    return end(parcel.error());
  switch (parcel->kind) {
    case link::envelope_kind::post: return deliver(*parcel);
    case link::envelope_kind::question: return pass_on(on, *parcel);
    case link::envelope_kind::answer:
    case link::envelope_kind::refusal: return answered(*parcel);
    case link::envelope_kind::ping:
      // A full queue has something to say anyway.
      (void)push(link::lane::urgent,
                 {.kind = link::envelope_kind::pong, .ticket = parcel->ticket, .bytes = {}});
      return;
    case link::envelope_kind::pong:
      connection->pings.answered(parcel->ticket.value, now_us());
      if (const auto rtt = connection->pings.smoothed_us())
        home->peers.change(peer, [rtt](auto& told) {
          told.rtt_us = std::max<std::uint64_t>(static_cast<std::uint64_t>(*rtt), 1);
        });
      return;
  }
}

void peer_link_state::deliver(const link::envelope& post) const {
  if (const auto who = home->board.get<delivered_actor>(role_of(post.to, post.group)))
    self->send(who, link_delivery{peer, post.group, std::string{post.bytes}});
}

void peer_link_state::pass_on(link::lane on, const link::envelope& question) {
  const auto number = connection->number;
  const auto request = question.ticket;
  const auto role = role_of(question.to, question.group);
  const auto who = home->board.get<caf::actor>(role);
  if (!who)
    return reply(number, on, request,
                 status{errc::unavailable, (role.empty() ? "whoever is meant" : role)
                                               + " is not here, on `" + home->config.node.id + "`"},
                 {});
  if (passed_on.open() >= passed_on_max)
    return reply(number, on, request,
                 status{errc::overloaded, "too many questions wait on `" + home->config.node.id
                                              + "`; try again later"},
                 {});
  const std::chrono::milliseconds within{question.timeout_ms};
  passed_on.ask<link_answer>(
      self, who, within,
      link_asked{peer, question.group, now_ms() + question.timeout_ms, std::string{question.bytes}},
      [this, number, on, request](link_answer& said) {
        reply(number, on, request, std::move(said.bytes), {});
      },
      [this, number, on, request](caf::error& why) {
        reply(number, on, request, to_write_status(why), leader_of(why));
      });
  arm();
}

void peer_link_state::answered(const link::envelope& answer) {
  if (!pending->answered(answer.ticket))
    return; // Its deadline passed.
  const auto at = waiting.find(answer.ticket);
  if (answer.kind == link::envelope_kind::answer) {
    at->second.deliver(link_answer{std::string{answer.bytes}});
  } else {
    const auto refused = link::decode_refusal(answer.bytes);
    at->second.refuse(refused ? to_error(refused->why, refused->leader)
                              : to_error({errc::commit_unknown, refused.error().detail}));
  }
  waiting.erase(at);
}

/// Sends an answer back, unless the connection that asked is gone.
void peer_link_state::reply(std::uint64_t to_connection, link::lane on, link::ticket request,
                            const outcome<std::string>& bytes, std::optional<node_number> leader) {
  if (!connection || connection->number != to_connection)
    return;
  status why{errc::commit_unknown, "the answer could not be sent"};
  if (bytes) {
    const auto fits = bytes->size() + link::envelope_header_bytes <= link::parcel_bytes_max_on(on);
    const auto sent =
        push(fits ? on : link::lane::normal,
             {.kind = link::envelope_kind::answer, .ticket = request, .bytes = *bytes});
    if (sent.ok())
      return;
    why.detail += ": " + sent.detail;
  } else {
    why = bytes.error();
  }
  why.detail.resize(std::min(why.detail.size(), words_max));
  const auto words = link::encode(link::refusal{std::move(why), leader});
  // If even this finds no room, the asker's deadline ends it.
  (void)push(link::lane::urgent,
             {.kind = link::envelope_kind::refusal, .ticket = request, .bytes = words});
}

status peer_link_state::push(link::lane on, const link::envelope& parcel, link::ticket request) {
  auto pushed = connection->out.push(on, link::seal(parcel), now_ms(), request);
  greet();
  return pushed;
}

void peer_link_state::flush() {
  is_flushing = false;
  if (!connection)
    return arm();
  const auto member = home->member.get();
  if (member && !connection->said_hello_us) {
    connection->said_hello_us = now_us();
    self->send(connection->far, link_hello{link::encode(own_hello(*member))});
  }
  judge_hello();
  if (connection && connection->is_open)
    while (auto frame = connection->out.take_frame(now_ms()))
      self->send(connection->far, link_frame{std::move(*frame)});
  arm();
}

void peer_link_state::wake() {
  wakes.came();
  if (dial_at_ms && *dial_at_ms <= now_ms() && !way->is_busy() && !is_knocking && !connection)
    dial();
  else if (!dial_at_ms && !way->is_busy() && !is_knocking && !connection && dials())
    dial(); // Since the last look it became the other's turn to be dialled.
  way->look(self, now_ms());
  for (const auto request : pending->expired(now_ms())) {
    const auto at = waiting.find(request);
    at->second.refuse(status{errc::timed_out, name + " did not answer in time"});
    waiting.erase(at);
  }
  passed_on.look(self);
  if (connection && connection->is_open) {
    if (connection->pings.silence_us(now_us()) >= silence_us_max)
      return end({errc::unavailable, "nothing was heard for 5 seconds"});
    if (const auto ping = connection->pings.due(now_us()))
      (void)push(link::lane::urgent,
                 {.kind = link::envelope_kind::ping, .ticket = link::ticket{*ping}, .bytes = {}});
  } else if (connection && connection->said_hello_us
             && now_us() - *connection->said_hello_us >= hello_us_max) {
    return end({errc::unavailable, "no hello came"});
  }
  flush();
}

void peer_link_state::arm() {
  link::earliest next;
  if (!way->is_busy() && !is_knocking && !connection)
    next.take(dial_at_ms ? *dial_at_ms : now_ms() + turn_look_ms);
  next.take(way->wake_ms(now_ms()));
  next.take(pending->wake_ms());
  if (passed_on.open() > 0)
    next.take(now_ms() + look_ms);
  if (connection && connection->is_open) {
    next.take(connection->out.wake_ms());
    next.take(connection->pings.wake_us() / 1'000 + 1);
  } else if (connection && connection->said_hello_us) {
    next.take((*connection->said_hello_us + hello_us_max) / 1'000 + 1);
  }
  arm_at(self, wakes, next.get(), now_ms());
}

} // namespace grape::actors
