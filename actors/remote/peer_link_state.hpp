#pragma once

#include "actors/house.hpp"
#include "actors/interfaces.hpp"
#include "actors/owed.hpp"
#include "actors/patience.hpp"
#include "actors/remote/dialler.hpp"
#include "actors/remote/peer_room.hpp"
#include "core/link/backoff.hpp"
#include "core/link/hello.hpp"
#include "core/link/inbox.hpp"
#include "core/link/outbox.hpp"
#include "core/link/pending.hpp"
#include "core/link/pinging.hpp"
#include "core/link/wakes.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace grape::actors {

/// To itself: something may be due.
struct link_wake {};

/// To itself: what was queued meanwhile may leave.
struct link_flush {};

/// Sends `self` a `link_wake` when `next_ms` comes, unless one under way is early enough.
template <class Self>
void arm_at(Self* self, link::wakes& wakes, std::optional<std::uint64_t> next_ms,
            std::uint64_t now_ms) {
  if (const auto after = wakes.after(next_ms, now_ms))
    self->delayed_send(self, std::chrono::milliseconds{*after}, link_wake{});
}

/// How PEER_LINK speaks with the other side of its connection.
using far_link_actor = caf::typed_actor<caf::replies_to<founding_question>::with<founding_reply>,
                                        caf::replies_to<join_question>::with<join_answer>,
                                        caf::reacts_to<link_hello>, caf::reacts_to<link_frame>,
                                        caf::reacts_to<link_farewell>>;

using own_link_actor = peer_link_actor::extend_with<linked_actor>::extend<
    // From itself, both.
    caf::reacts_to<link_wake>, caf::reacts_to<link_flush>>;

/// One connection, from the knock that was answered to its end.
struct link_connection {
  link_connection(std::uint64_t its_number, far_link_actor with, std::uint64_t now_us)
    : number(its_number)
    , far(std::move(with))
    , pings(link::ping_options{}, now_us) {}

  std::uint64_t number; ///< Of all connections of this actor, from 1.
  far_link_actor far;
  std::optional<std::uint64_t> said_hello_us; ///< When this side said hello.
  std::optional<std::string> heard_hello;     ///< Not judged yet: this node knows no cluster.
  bool is_open = false;                       ///< Both hellos were accepted: frames may flow.
  link::inbox in;
  link::outbox out{link::outbox_options{}};
  link::pinging pings;
};

/// PEER_LINK: everything about one other node. What it does stands in three files: `peer_link.cpp`
/// (which message means what), `peer_link_connection.cpp` (dial, hello, end) and
/// `peer_link_traffic.cpp` (frames and parcels).
struct peer_link_state {
  peer_link_state() {}

  void begin(own_link_actor::pointer own, std::shared_ptr<house> of, node_number other,
             const std::string& address);

  /// Whether this side has to: whoever began with an empty disk goes by the number that it had.
  bool dials() const;

  /// Whether the node that presents itself as `number` is the one this link is for.
  bool is_meant(node_number number) const;

  // The connection.
  void dial();
  void knock(const caf::strong_actor_ptr& door);
  void dial_failed(const status& why);
  void connected(const caf::strong_actor_ptr& far);
  outcome<bool> answer_knock(const link_knock& by, const caf::strong_actor_ptr& from);
  bool is_from_far(const caf::strong_actor_ptr& sender) const;
  void greet();
  void judge_hello();
  void end(const status& why);
  void closed(const status& why);
  void note(const status& why);
  link::hello own_hello(const membership& member) const;
  link::known_peers known() const;
  founding_reply founding_answer() const;

  // Traffic.
  void post(const link_post& what);
  caf::result<link_answer> ask(const link_question& what);
  void receive(const link_frame& frame);
  void take_parcel(link::lane on, std::string_view bytes);
  void deliver(const link::envelope& post) const;
  void pass_on(link::lane on, const link::envelope& question);
  void answered(const link::envelope& answer);
  void reply(std::uint64_t connection, link::lane on, link::ticket request,
             const outcome<std::string>& bytes, std::optional<node_number> leader);
  status push(link::lane on, const link::envelope& parcel, link::ticket request = {});
  void flush();
  void wake();
  void arm();

  std::uint64_t now_ms() const { return home->host.now_ms(); }
  std::uint64_t now_us() const { return home->host.now_us(); }

  own_link_actor::pointer self = nullptr;
  std::shared_ptr<house> home;
  node_number peer;
  std::string name; ///< "`n2` at host:port"
  std::string where;

  std::unique_ptr<dialler> way;
  bool is_knocking = false;
  std::optional<link::backoff> backoff;
  std::optional<std::uint64_t> dial_at_ms;

  std::optional<link_connection> connection;
  std::uint64_t connections = 0;
  std::string last_note;

  std::optional<link::pending> pending;
  std::map<link::ticket, owed<link_answer>> waiting;
  patience passed_on; ///< Questions of the peer that somebody here is answering.

  bool is_flushing = false;
  link::wakes wakes;
};

/// The role here that an addressee there means; empty: nobody may be meant so.
std::string role_of(link::addressee to, group_id group);

} // namespace grape::actors

GRAPE_STAYS_ON_NODE(grape::actors::link_wake);
GRAPE_STAYS_ON_NODE(grape::actors::link_flush);
