#include "actors/remote/remote.hpp"

#include "actors/remote/client_session.hpp"
#include "actors/remote/dialler.hpp"
#include "actors/remote/peer_room.hpp"
#include "actors/reporting.hpp"
#include "core/client/message.hpp"
#include "core/cluster/peer_links.hpp"

#include <set>

namespace grape::actors {

namespace {

/// To itself: the port may be free now.
struct listen_again {
  std::uint16_t port = 0;
  int attempts = 0; ///< Left.
};

} // namespace

} // namespace grape::actors

GRAPE_STAYS_ON_NODE(grape::actors::listen_again);

namespace grape::actors {

namespace {

constexpr std::chrono::seconds publish_timeout{5};
constexpr std::chrono::milliseconds listen_again_after{50};

using own_door_actor = door_actor::extend<
    // From itself.
    caf::reacts_to<listen_again>>;

struct door_state {
  door_state() {}
  std::shared_ptr<house> home; ///< Goes when the actor ends, which may outlive that as an object.
  std::shared_ptr<client_room> clients;
  std::set<std::string> turned_away; ///< What the log says already; strangers do not fill it.
};

using door_self = own_door_actor::stateful_pointer<door_state>;

status port_taken(const peer_settings& peer) {
  // Bad configuration: trying again, as a renewed actor would, does not free a port.
  return {errc::bad_config, "cannot listen for other nodes on " + peer.bind + ":"
                                + std::to_string(peer.port)
                                + " ([peer] bind, port): the port is in use, or the address is "
                                  "not one of this machine"};
}

caf::io::middleman_actor middleman_of(door_self self, const house& home) {
  return shared_middleman(self->system(), uses_tls(home.config.peer));
}

void listen(door_self self, const std::shared_ptr<house>& home, std::uint16_t at, int attempts) {
  const auto& peer = home->config.peer;
  self->request(middleman_of(self, *home), publish_timeout, caf::publish_atom_v, at,
                caf::actor_cast<caf::strong_actor_ptr>(self), std::set<std::string>{}, peer.bind,
                true)
      .then([home](std::uint16_t port) { home->remote->port = port; },
            [self, home, at, attempts](const caf::error&) {
              if (attempts <= 1)
                return self->quit(to_error(port_taken(home->config.peer)));
              self->delayed_send(self, listen_again_after, listen_again{at, attempts - 1});
            });
}

/// Listens; a predecessor that fell left the port open, and closing it takes a moment.
void begin(door_self self, const std::shared_ptr<house>& home) {
  const auto left = home->remote->port.load();
  if (left == 0)
    return listen(self, home, home->config.peer.port, 1);
  caf::anon_send(middleman_of(self, *home), caf::close_atom_v, left);
  listen(self, home, left, 20);
}

/// Why no PEER_LINK here belongs to whoever knocks; ok: one does.
status check_knock(const house& home, const link_knock& by) {
  const auto own = home.config.node.id;
  const auto who = "node " + std::to_string(by.number.value) + " (`" + by.name + "`)";
  if (by.protocol != link::protocol_version)
    return {errc::wrong_version, who + " speaks protocol " + std::to_string(by.protocol) + ", `"
                                     + own + "` speaks " + std::to_string(link::protocol_version)};
  if (by.number == home.remote->self)
    return {errc::bad_config,
            who + " knocked at `" + own
                + "`, which has the same number: an address in [cluster] founders "
                  "leads to the wrong node, or the founders are not the same "
                  "everywhere"};
  return {};
}

/// Whoever runs this node should know why the other one stays away. Of a stranger's words only
/// numbers go to the log.
void turn_away(door_self self, const link_knock& by) {
  constexpr std::size_t told_max = 16;
  if (by.protocol == link::protocol_version || self->state.turned_away.size() >= told_max)
    return;
  auto why = "node " + std::to_string(by.number.value) + " was turned away: it speaks protocol "
             + std::to_string(by.protocol) + ", this node speaks "
             + std::to_string(link::protocol_version) + "; run the same release on both";
  if (self->state.turned_away.insert(why).second)
    self->state.home->notes.add(std::move(why));
}

/// A knock without a number is a client's: it gets a session of its own, and nothing else.
caf::result<link_welcome> let_client_in(door_self self, const link_knock& by) {
  const auto& home = *self->state.home;
  const auto own = home.config.node.id;
  if (by.protocol != client::protocol_version)
    return to_error({errc::wrong_version, "the client speaks protocol "
                                              + std::to_string(by.protocol) + ", `" + own
                                              + "` speaks "
                                              + std::to_string(client::protocol_version)});
  if (!home.member.get())
    return to_error({errc::unavailable, "the cluster of `" + own + "` is not formed yet"});
  if (home.closing)
    return to_error({errc::closed, "`" + own + "` is closing"});
  const auto from = self->current_sender();
  if (!from)
    return to_error({errc::bad_request, "a knock of nobody"});
  auto place =
      client_room::enter(self->state.clients, caf::to_string(from->node()), home.host.now_ms());
  if (!place)
    return to_error({errc::overloaded, "`" + own + "` has " + place.error().detail});
  return self->delegate(spawn_client_session(self->system(), self->state.home, std::move(*place),
                                             caf::actor_cast<door_actor>(self)),
                        by);
}

/// A founder that lost its disk comes with the number it had at first.
node_number whose(const house& home, const link_knock& by) {
  const auto known = home.known.get();
  return known ? cluster::number_now(known->state, by.number, by.name) : by.number;
}

own_door_actor::behavior_type door(door_self self, const std::shared_ptr<house>& home) {
  self->state.home = home;
  self->state.clients = std::make_shared<client_room>(home);
  self->set_default_handler(caf::drop); // Strangers may say anything.
  self->set_exit_handler([self](const caf::exit_msg& asked) {
    const auto& of = *self->state.home;
    if (const auto port = of.remote->port.exchange(0); port != 0)
      caf::anon_send(middleman_of(self, of), caf::close_atom_v, port);
    self->quit(asked.reason);
  });
  begin(self, home);
  return {
      reports(self),
      [self, home](const listen_again& next) { listen(self, home, next.port, next.attempts); },
      [self, home](const link_knock& by) -> caf::result<link_welcome> {
        if (by.number == node_number{})
          return let_client_in(self, by);
        if (const auto fits = check_knock(*home, by); !fits.ok()) {
          turn_away(self, by);
          return to_error(fits);
        }
        const auto link = home->board.get<linked_actor>(role::link(whose(*home, by)));
        if (!link)
          return to_error({errc::not_found, "node " + std::to_string(by.number.value) + " (`"
                                                + by.name + "`) is not known to `"
                                                + home->config.node.id + "`"});
        return self->delegate(link, by);
      },
  };
}

} // namespace

door_actor spawn_door(caf::actor_system& system, std::shared_ptr<house> home) {
  return system.spawn(door, std::move(home));
}

} // namespace grape::actors
