#include "actors/remote/detector.hpp"
#include "actors/remote/peer_link_state.hpp"

#include "core/cluster/peer_links.hpp"

#include <algorithm>

namespace grape::actors {

namespace {

constexpr std::chrono::seconds knock_timeout{3};
constexpr std::size_t requests_max = 16'384;

/// A peer that knocks again while it was heard just now is another process of the same number, or a
/// stranger: the connection that works is kept.
constexpr std::uint64_t fresh_us = 2'500'000;

} // namespace

void peer_link_state::begin(own_link_actor::pointer own, std::shared_ptr<house> of,
                            node_number other, const std::string& address) {
  self = own;
  home = std::move(of);
  peer = other;
  where = address;
  const auto known_names = known();
  const auto known_name = known_names.find(peer);
  name = known_name == known_names.end() ? "node " + std::to_string(peer.value)
                                         : "`" + known_name->second.name + "`";
  name += " (" + address + ")";
  backoff.emplace(link::backoff_options{},
                  home->remote->drawn ^ (std::uint64_t{peer.value} << 32) ^ now_us());
  pending.emplace(requests_max);
  way = std::make_unique<dialler>(parse_endpoint(address), uses_tls(home->config.peer));
  home->remote->heard.watch(peer, now_ms());
  home->peers.change(peer, [&known_name, &known_names](auto& told) {
    told.connected = false;
    if (known_name != known_names.end())
      told.name = known_name->second.name;
  });
  if (dials())
    dial_at_ms = now_ms();
  arm();
}

bool peer_link_state::dials() const {
  const auto known_now = home->known.get();
  return link::dials(home->remote->self,
                     known_now ? cluster::number_before_joining(known_now->state, peer) : peer);
}

bool peer_link_state::is_meant(node_number number) const {
  const auto known_now = home->known.get();
  if (number == peer || !known_now)
    return number == peer;
  const auto& nodes = known_now->state.nodes();
  const auto own = nodes.find(peer);
  return own != nodes.end()
         && cluster::number_now(known_now->state, number, own->second.name) == peer;
}

void peer_link_state::dial() {
  dial_at_ms.reset();
  way->begin(now_ms(), [this](const outcome<caf::strong_actor_ptr>& door) {
    if (door)
      knock(*door);
    else
      dial_failed({door.error().code, "cannot connect: " + door.error().detail});
  });
  way->look(self, now_ms());
}

void peer_link_state::knock(const caf::strong_actor_ptr& door) {
  is_knocking = true;
  self->request(caf::actor_cast<door_actor>(door), knock_timeout,
                link_knock{link::protocol_version, home->remote->self, home->config.node.id})
      .then(
          [this](const link_welcome& from) {
            is_knocking = false;
            if (!is_meant(from.number))
              dial_failed({errc::bad_config,
                           "node " + std::to_string(from.number.value)
                               + " answers there: an address in [cluster] founders is wrong"});
            else
              connected(self->current_sender());
          },
          [this](const caf::error& why) {
            is_knocking = false;
            dial_failed(to_status(why));
          });
}

void peer_link_state::dial_failed(const status& why) {
  note(why);
  dial_at_ms = now_ms() + backoff->failed(now_ms());
  arm();
}

void peer_link_state::connected(const caf::strong_actor_ptr& far) {
  if (!far)
    return dial_failed({errc::unavailable, "the answer came from nobody"});
  connection.emplace(++connections, caf::actor_cast<far_link_actor>(far), now_us());
  self->monitor(connection->far);
  greet();
  arm();
}

outcome<bool> peer_link_state::answer_knock(const link_knock& by,
                                            const caf::strong_actor_ptr& from) {
  if (by.number == peer && dials())
    return status{errc::bad_config, "node " + std::to_string(peer.value)
                                        + " dials, but the lower number does: the founders are "
                                          "not the same everywhere"};
  if (!from)
    return status{errc::bad_request, "a knock of nobody"};
  if (connection && connection->is_open && connection->pings.silence_us(now_us()) < fresh_us)
    return status{errc::unavailable,
                  "`" + home->config.node.id + "` is still connected with " + name};
  if (connection)
    end({errc::unavailable, "the other side began a new connection"});
  connected(from);
  return true;
}

bool peer_link_state::is_from_far(const caf::strong_actor_ptr& sender) const {
  return connection && sender && connection->far.address() == sender->address();
}

/// Says hello once this node knows its cluster. By a message to itself: an answer to a knock goes
/// first.
void peer_link_state::greet() {
  if (!std::exchange(is_flushing, true))
    self->send(self, link_flush{});
}

void peer_link_state::judge_hello() {
  const auto member = home->member.get();
  if (!connection || !connection->heard_hello || !member || connection->is_open)
    return;
  const auto theirs = link::decode_hello(*connection->heard_hello);
  if (!theirs)
    return end(theirs.error());
  if (theirs->number != peer)
    return end({errc::bad_config, "`" + theirs->node_name + "` says that it is node "
                                      + std::to_string(theirs->number.value) + ", not "
                                      + std::to_string(peer.value)});
  if (const auto fits = link::check_hello(known(), own_hello(*member), *theirs); !fits.ok())
    return end(fits);
  home->remote->incarnations.accepted(peer, theirs->incarnation);
  home->remote->heard.heard(peer, now_ms());
  backoff->connected(now_ms());
  connection->is_open = true;
  connection->pings.heard(now_us());
  last_note.clear();
  home->peers.change(peer, [&theirs](auto& told) {
    told.connected = true;
    told.name = theirs->node_name;
    told.http_address = theirs->http_address;
    told.last_error.clear();
  });
  greet();
}

/// Ends the connection, and says so to the other side.
void peer_link_state::end(const status& why) {
  if (connection)
    self->send(connection->far, link_farewell{why.code, why.detail});
  closed(why);
}

/// The connection is no more: whoever waits for an answer gets one at once.
void peer_link_state::closed(const status& why) {
  if (!connection)
    return;
  self->demonitor(connection->far.address());
  const auto unsent = connection->out.closed();
  for (const auto request : pending->closed()) {
    const auto at = waiting.find(request);
    const auto never_left = std::binary_search(unsent.begin(), unsent.end(), request);
    at->second.refuse(never_left
                          ? status{errc::unavailable, "the connection to " + name + " ended"}
                          : status{errc::commit_unknown,
                                   "the connection to " + name + " ended before the answer came"});
    waiting.erase(at);
  }
  connection.reset();
  home->remote->heard.lost(peer);
  note(why);
  if (const auto detector = home->board.get<own_detector_actor>(role::detector))
    self->send(detector, connection_ended{peer});
  if (dials())
    dial_at_ms = now_ms() + backoff->failed(now_ms());
  arm();
}

/// For people: once for each reason.
void peer_link_state::note(const status& why) {
  home->peers.change(peer, [&why](auto& told) {
    told.connected = false;
    told.last_error = to_string(why);
  });
  if (std::exchange(last_note, why.detail) != why.detail && !home->closing)
    home->notes.add("no connection with " + name + ": " + why.detail);
}

link::hello peer_link_state::own_hello(const membership& member) const {
  const auto& room = *home->remote;
  link::hello own;
  own.cluster_id = member.cluster_id;
  own.cluster_name = home->config.cluster.name;
  own.number = member.self;
  own.node_name = home->config.node.id;
  own.incarnation = {room.identity.disk, room.identity.incarnation, room.drawn};
  if (const auto now = home->known.get())
    own.epochs.routes = now->epoch;
  own.http_address = advertised_http_address(home->config);
  return own;
}

/// The founders, and whoever came later, as committed.
link::known_peers peer_link_state::known() const {
  link::known_peers all;
  std::uint32_t number = 0;
  for (const auto& each : founders_in_order(home->config.cluster))
    all[node_number{++number}].name = each.id;
  if (const auto now = home->known.get())
    for (const auto& [node, entry] : now->state.nodes()) {
      if (entry.state == cluster::node_state::removed)
        all.erase(node);
      else
        all[node] = {entry.name, std::nullopt, entry.incarnation, entry.disk};
    }
  all.erase(home->remote->self);
  for (auto& [node, one] : all)
    one.accepted = home->remote->incarnations.of(node);
  return all;
}

founding_reply peer_link_state::founding_answer() const {
  const auto now = *home->remote->founding.get();
  return {static_cast<std::uint8_t>(now.stage), now.cluster_id, now.cluster_name, now.founders};
}

} // namespace grape::actors
