#include "actors/embed/client_link_state.hpp"
#include "core/client/second_asking.hpp"

#include <algorithm>
#include <random>

namespace grape::actors {

namespace {

constexpr std::chrono::seconds knock_timeout{3};
constexpr std::uint64_t silence_us_max = 5'000'000;
constexpr std::size_t questions_max = 16'384;

/// So long a node that closes has for what it took before.
constexpr std::uint64_t leaving_ms_max = 1'000;

} // namespace

void client_link_state::begin(own_client_actor::pointer own, const client_options& with) {
  self = own;
  options = with;
  for (const auto& node : options.nodes)
    ways.push_back(std::make_unique<dialler>(parse_endpoint(node), !options.tls_cert.empty()));
  turn.emplace(ways.size(), std::random_device{}());
  pending.emplace(questions_max);
  dial_at_ms = now_ms();
  arm();
}

void client_link_state::dial() {
  dial_at_ms.reset();
  auto& way = *ways[turn->current()];
  way.begin(now_ms(), [this](const outcome<caf::strong_actor_ptr>& door) {
    if (door)
      knock(*door);
    else
      dial_failed({door.error().code, "cannot connect: " + door.error().detail});
  });
  way.look(self, now_ms());
}

void client_link_state::knock(const caf::strong_actor_ptr& door) {
  is_knocking = true;
  self->request(caf::actor_cast<door_actor>(door), knock_timeout,
                link_knock{client::protocol_version, node_number{}, options.name})
      .then(
          [this](const link_welcome&) {
            is_knocking = false;
            const auto from = self->current_sender();
            if (!from)
              return dial_failed({errc::unavailable, "the answer came from nobody"});
            connection.emplace(caf::actor_cast<far_session_actor>(from), now_us());
            self->monitor(connection->far);
            arm();
          },
          [this](const caf::error& why) {
            is_knocking = false;
            dial_failed(actors::to_status(why));
          });
}

void client_link_state::dial_failed(const status& why) {
  last_failure = {why.code, options.nodes[turn->current()] + ": " + why.detail};
  dial_at_ms = now_ms() + turn->failed(now_ms());
  arm();
}

bool client_link_state::is_from_far(const caf::strong_actor_ptr& sender) const {
  return connection && sender && connection->far.address() == sender->address();
}

void client_link_state::judge_hello(const link_hello& said) {
  const auto theirs = link::decode_hello(said.bytes);
  if (!theirs)
    return end(theirs.error());
  if (!cluster_id.empty() && theirs->cluster_id != cluster_id)
    return end({errc::bad_config, "this node belongs to another cluster, `" + theirs->cluster_name
                                      + "` " + theirs->cluster_id});
  cluster_id = theirs->cluster_id;
  turn->connected(now_ms());
  connection->is_open = true;
  connection->pings.heard(now_us());
  // A node keeps no place for whoever knocked and says nothing.
  (void)connection->out.push(
      link::lane::urgent,
      link::seal({.kind = link::envelope_kind::ping, .ticket = link::ticket{}, .bytes = {}}),
      now_ms());
  std::vector<std::string> wanted;
  for (const auto& [collection, who] : watched)
    wanted.push_back(collection); // One that is refused at once is not watched any more.
  for (const auto& collection : wanted)
    ask_for_news(collection);
  greet();
}

void client_link_state::receive(const link_frame& frame) {
  if (!connection->is_open)
    return end({errc::corrupted, "a frame before the hello"});
  const auto in = connection->in.accept(frame.bytes);
  if (!in)
    return end(in.error());
  if (const auto heard = connection->out.heard(*in, now_ms()); !heard.ok())
    return end(heard);
  connection->pings.heard(now_us());
  for (const auto& parcel : in->parcels) {
    take(parcel.bytes);
    if (!connection)
      return;
  }
  greet();
}

void client_link_state::take(std::string_view bytes) {
  const auto parcel = link::open_envelope(bytes);
  if (!parcel)
    return end(parcel.error());
  switch (parcel->kind) {
    case link::envelope_kind::post: {
      const auto news = client::decode_news(parcel->bytes);
      return news ? hear(*news) : end(news.error());
    }
    case link::envelope_kind::answer:
    case link::envelope_kind::refusal: return answered(*parcel);
    case link::envelope_kind::ping:
      (void)connection->out.push(
          link::lane::urgent,
          link::seal({.kind = link::envelope_kind::pong, .ticket = parcel->ticket, .bytes = {}}),
          now_ms());
      return;
    case link::envelope_kind::pong:
      return connection->pings.answered(parcel->ticket.value, now_us());
    case link::envelope_kind::question:
      return end({errc::corrupted, "a node asks its clients nothing"});
  }
}

void client_link_state::answered(const link::envelope& answer) {
  const auto at = waiting.find(answer.ticket);
  if (at == waiting.end())
    return; // Its deadline passed.
  auto said = outcome<client::reply>{errc::corrupted, "no answer"};
  if (answer.kind == link::envelope_kind::answer) {
    said = client::decode_reply(answer.bytes);
    if (!said && !at->second.is_read)
      said = status{errc::commit_unknown, said.error().detail};
  } else if (const auto refused = link::decode_refusal(answer.bytes)) {
    if (client::is_leaving(refused->why))
      return leaves(answer.ticket, refused->why);
    said = refused->why;
  }
  pending->answered(answer.ticket);
  take_out(answer.ticket).answer(std::move(said));
  if (connection && connection->leave_at_ms && is_through())
    end(connection->why_left);
}

/// The node goes. What it refused surely was not done: it goes to another one, as soon as this one
/// has answered what it took before; but not much later.
void client_link_state::leaves(link::ticket refused, const status& why) {
  unsent.insert(refused);
  if (!connection->leave_at_ms) {
    connection->leave_at_ms = now_ms() + leaving_ms_max;
    connection->why_left = why;
  }
  if (is_through())
    end(why);
}

/// No question is at the node.
bool client_link_state::is_through() const {
  return unsent.size() == waiting.size();
}

/// It waits no longer, whatever comes.
client_question client_link_state::take_out(link::ticket ticket) {
  const auto at = waiting.find(ticket);
  auto one = std::move(at->second);
  waiting.erase(at);
  unsent.erase(ticket);
  waiting_bytes -= one.bytes.size();
  return one;
}

/// In the order of asking; what the connection has no room for waits.
void client_link_state::send_waiting() {
  if (connection->leave_at_ms)
    return; // To the next node.
  for (auto at = unsent.begin(); at != unsent.end(); at = unsent.erase(at)) {
    const auto deadline = pending->deadline_ms(*at);
    const auto left = deadline > now_ms() ? deadline - now_ms() : 1; // Or `expire` ends it.
    const link::envelope question{
        .kind = link::envelope_kind::question,
        .ticket = *at,
        .timeout_ms = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, UINT32_MAX)),
        .bytes = waiting.at(*at).bytes};
    if (!connection->out.push(link::lane::normal, link::seal(question), now_ms(), *at).ok())
      return;
  }
}

void client_link_state::end(const status& why) {
  if (connection)
    self->send(connection->far, link_farewell{why.code, why.detail});
  closed(why);
}

/// The connection is no more. What may be asked again is; whoever waits for the rest hears so.
void client_link_state::closed(const status& why) {
  if (!connection)
    return;
  self->demonitor(connection->far.address());
  const auto never_left = connection->out.closed();
  connection.reset();
  dial_failed(why);
  unsent.insert(never_left.begin(), never_left.end());
  std::vector<std::pair<client_question, status>> over;
  for (auto at = waiting.begin(); at != waiting.end();) {
    const auto ticket = (at++)->first;
    auto fate = client::fate_of(waiting.at(ticket).is_read, unsent.contains(ticket));
    if (fate.ok()) {
      unsent.insert(ticket);
      continue;
    }
    pending->answered(ticket);
    over.emplace_back(take_out(ticket), std::move(fate));
  }
  for (auto& [one, fate] : over)
    one.answer(std::move(fate));
}

void client_link_state::expire() {
  for (const auto ticket : pending->expired(now_ms())) {
    const auto is_sent = !unsent.contains(ticket);
    const auto one = take_out(ticket);
    if (is_sent && !one.is_read)
      one.answer(status{errc::commit_unknown, "no answer in time; the change may have been made"});
    else if (is_sent)
      one.answer(status{errc::timed_out, "the node did not answer in time"});
    else
      one.answer(status{errc::unavailable,
                        "no node could be reached; the last attempt: " + to_string(last_failure)});
  }
}

void client_link_state::greet() {
  if (!std::exchange(is_flushing, true))
    self->send(self, link_flush{});
}

void client_link_state::flush() {
  is_flushing = false;
  if (connection && connection->is_open) {
    send_waiting();
    while (auto frame = connection->out.take_frame(now_ms()))
      self->send(connection->far, link_frame{std::move(*frame)});
  }
  arm();
}

void client_link_state::wake() {
  wakes.came();
  if (dial_at_ms && *dial_at_ms <= now_ms() && !connection && !is_knocking) {
    if (ways[turn->current()]->is_busy())
      dial_failed({errc::unavailable, "the last attempt to connect has not ended yet"});
    else
      dial();
  }
  for (auto& way : ways)
    way->look(self, now_ms());
  expire();
  if (connection && connection->leave_at_ms && *connection->leave_at_ms <= now_ms())
    end(connection->why_left);
  if (connection && connection->pings.silence_us(now_us()) >= silence_us_max)
    end({errc::unavailable, "nothing was heard for 5 seconds"});
  if (connection && connection->is_open)
    if (const auto ping = connection->pings.due(now_us()))
      (void)connection->out.push(
          link::lane::urgent,
          link::seal(
              {.kind = link::envelope_kind::ping, .ticket = link::ticket{*ping}, .bytes = {}}),
          now_ms());
  flush();
}

void client_link_state::arm() {
  link::earliest next;
  if (!connection && !is_knocking)
    next.take(dial_at_ms);
  for (const auto& way : ways)
    next.take(way->wake_ms(now_ms()));
  next.take(pending->wake_ms());
  if (connection && connection->is_open)
    next.take(connection->out.wake_ms());
  if (connection)
    next.take(connection->pings.wake_us() / 1'000 + 1);
  if (connection)
    next.take(connection->leave_at_ms);
  arm_at(self, wakes, next.get(), now_ms());
}

} // namespace grape::actors
