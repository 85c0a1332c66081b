#pragma once

#include "actors/remote/client_session.hpp"
#include "actors/remote/peer_link_state.hpp"
#include "core/client/message.hpp"
#include "core/client/watch_list.hpp"

#include <map>
#include <set>

namespace grape::actors {

/// To a CLIENT_SESSION, from any thread: what came of a question.
struct session_answer {
  link::ticket request;
  std::shared_ptr<const outcome<std::string>> bytes;
};

/// To a CLIENT_SESSION, from any thread: how far the shards of a collection are, none if unknown.
struct session_written {
  std::string collection;
  std::uint64_t id = 0;
  std::vector<std::uint64_t> indexes;
};

using own_session_actor = client_session_actor::extend<
    // From itself, all.
    caf::reacts_to<session_answer>, caf::reacts_to<session_written>, caf::reacts_to<link_wake>,
    caf::reacts_to<link_flush>>;

/// CLIENT_SESSION: `client_session.cpp` carries, `client_session_questions.cpp` asks and watches.
struct client_session_state {
  client_session_state() {}

  bool is_from_client(const caf::strong_actor_ptr& sender) const;
  void welcome(const caf::strong_actor_ptr& client);
  void receive(const link_frame& frame);
  void take(link::lane on, std::string_view bytes);
  void answered(const session_answer& answer);
  void reply(link::ticket request, const std::string& bytes);
  void refuse(link::ticket request, status why);
  status push(link::lane on, const link::envelope& parcel);
  void account();
  void greet();
  void flush();
  void wake();
  void arm();
  void end(const status& why);

  void ask(link::lane on, const link::envelope& question);
  void put(link::ticket request, std::uint32_t timeout_ms, client::request asked);
  template <class Answer, class Request>
  void put_to_house(link::ticket request, Request asked);
  status watch(const client::watch_collection& wanted);
  void look_at_watched();
  void tell_news();

  std::uint64_t now_ms() const { return home->host.now_ms(); }
  std::uint64_t now_us() const { return home->host.now_us(); }

  own_session_actor::pointer self = nullptr;
  std::shared_ptr<house> home;
  std::shared_ptr<client_room::place> place;
  far_client_actor far; ///< Empty: it has not knocked yet.
  std::string hello;    ///< To be said.
  bool is_over = false;
  bool is_attached = false; ///< Something came that makes sense.

  link::inbox in;
  link::outbox out{link::outbox_options{}};
  std::optional<link::pinging> pings;
  std::map<link::ticket, std::size_t> under_way; ///< Bytes of each question.

  client::watch_list watched;
  std::set<std::string> looking_at; ///< Asked how far they are written.
  std::uint64_t look_at_ms = 0;     ///< When to look at them again.

  bool is_flushing = false;
  link::wakes wakes;
};

} // namespace grape::actors

GRAPE_STAYS_ON_NODE(grape::actors::session_answer);
GRAPE_STAYS_ON_NODE(grape::actors::session_written);
