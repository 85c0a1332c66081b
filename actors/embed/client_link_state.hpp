#pragma once

#include "actors/embed/grape/client.hpp"
#include "actors/owed.hpp"
#include "actors/remote/client_session.hpp"
#include "actors/remote/peer_link_state.hpp"
#include "core/client/message.hpp"
#include "core/client/rotation.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace grape::actors {

using own_client_actor = client_actor::extend_with<far_client_actor>::extend<
    // From itself, both.
    caf::reacts_to<link_wake>, caf::reacts_to<link_flush>>;

/// How a CLIENT_LINK speaks with its CLIENT_SESSION.
using far_session_actor =
    caf::typed_actor<caf::reacts_to<link_frame>, caf::reacts_to<link_farewell>>;

/// A request on its way to its answer, over however many connections.
struct client_question {
  std::string bytes; ///< Of an encoded client::request.
  bool is_read = false;
  std::function<void(outcome<client::reply>)> answer;
};

/// One connection, from the knock that was answered to its end.
struct session_connection {
  session_connection(far_session_actor with, std::uint64_t now_us)
    : far(std::move(with))
    , pings(link::ping_options{}, now_us) {}

  far_session_actor far;
  bool is_open = false; ///< Its hello was accepted.
  link::inbox in;
  link::outbox out{link::outbox_options{}};
  link::pinging pings;
  std::optional<std::uint64_t> leave_at_ms; ///< Its node is closing: then at the latest it ends.
  status why_left;
};

/// One who watches one collection.
struct client_watcher {
  watcher_actor whom;
  bool is_busy = false; ///< It has news in its hands.
  std::optional<collection_news> next;
};

/// CLIENT_LINK, the actor behind `grape::client_actor`. `client_link.cpp` says which message means
/// what and serves the watchers, `client_link_connection.cpp` dials and carries.
struct client_link_state {
  client_link_state() {}

  void begin(own_client_actor::pointer own, const client_options& with);

  // Requests and watchers.
  void ask(client::request asked, std::chrono::milliseconds within,
           std::function<void(outcome<client::reply>)> answer);
  void watch(const watch_request& wanted);
  void ask_for_news(const std::string& collection);
  void unwatch(const std::string& collection, const caf::actor_addr& whom);
  void hear(const client::collection_news& news);
  void tell(const std::string& collection, client_watcher& one);
  void watcher_gone(const caf::actor_addr& whom);

  // The connection.
  void dial();
  void knock(const caf::strong_actor_ptr& door);
  void dial_failed(const status& why);
  void judge_hello(const link_hello& said);
  bool is_from_far(const caf::strong_actor_ptr& sender) const;
  void receive(const link_frame& frame);
  void take(std::string_view bytes);
  void answered(const link::envelope& answer);
  void leaves(link::ticket refused, const status& why);
  bool is_through() const;
  void send_waiting();
  client_question take_out(link::ticket ticket);
  void end(const status& why);
  void closed(const status& why);
  void expire();
  void greet();
  void flush();
  void wake();
  void arm();

  static std::uint64_t now_us() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(now).count());
  }

  static std::uint64_t now_ms() { return now_us() / 1'000; }

  own_client_actor::pointer self = nullptr;
  client_options options;
  std::vector<std::unique_ptr<dialler>> ways; ///< One for each node.
  std::optional<client::rotation> turn;
  std::optional<std::uint64_t> dial_at_ms;
  bool is_knocking = false;
  std::optional<session_connection> connection;
  std::string cluster_id; ///< Of the first node that was reached; empty: none was.
  status last_failure{errc::unavailable, "no node was reached yet"};

  std::optional<link::pending> pending;
  std::map<link::ticket, client_question> waiting;
  std::set<link::ticket> unsent; ///< Of these, not handed to the outbox of this connection.
  std::size_t waiting_bytes = 0;

  std::map<std::string, std::vector<client_watcher>> watched;

  bool is_flushing = false;
  link::wakes wakes;
};

} // namespace grape::actors
