#include <caf/all.hpp>

#include "actors/embed/client_link_state.hpp"
#include "actors/embed/requests.hpp"
#include "actors/system.hpp"
#include "core/client/second_asking.hpp"

#include <algorithm>

namespace grape::actors {

namespace {

constexpr std::chrono::seconds news_timeout{30};
constexpr std::size_t waiting_bytes_max = 256u << 20;

using client_self = own_client_actor::stateful_pointer<client_link_state>;

/// What is told if the client ends while somebody waits.
status ended_reading() {
  return {errc::closed, "the client was ended"};
}

status ended_changing() {
  return {errc::commit_unknown, "the client was ended; the change may have been made"};
}

/// Puts it to a node; `pick` makes the answer of the reply's own kind.
template <class Answer, class Reply, class Pick>
caf::result<Answer> carry(client_self self, client::request asked, std::chrono::milliseconds within,
                          Pick pick) {
  const owed<Answer> promise{self, client::is_read(asked) ? ended_reading() : ended_changing()};
  const auto is_read = client::is_read(asked);
  self->state.ask(std::move(asked), within, [promise, pick, is_read](outcome<client::reply> said) {
    if (!said)
      return promise.refuse(said.error());
    if (auto* reply = std::get_if<Reply>(&*said))
      return promise.deliver(pick(*reply));
    promise.refuse(status{is_read ? errc::corrupted : errc::commit_unknown,
                          "the node answered another question"});
  });
  return promise;
}

template <class Request>
caf::result<write_receipt> write(client_self self, write_operation what, const Request& asked) {
  auto wanted = write_of(asked.collection, std::move(what), {asked.wait, {}, asked.ack},
                         asked.keys);
  return carry<write_receipt, write_receipts>(
      self, std::move(wanted), asked.timeout, [](const write_receipts& all) {
        return all.receipts.empty() ? write_receipt{} : all.receipts.front();
      });
}

caf::result<bool> change(client_self self, client::request what, std::chrono::milliseconds within) {
  return carry<bool, changed>(self, std::move(what), within,
                              [](const changed& said) { return said.yes; });
}

template <class Request>
caf::result<bool> change_keys(client_self self,
                              std::variant<add_shard_key, remove_shard_key> what,
                              const Request& asked) {
  return change(self, change_shard_keys_request{asked.collection, std::move(what)},
                asked.timeout);
}

caf::result<stored_points> get(client_self self, get_request& what) {
  auto wanted = retrieval_of(what.collection, std::move(what.ids), what.keys);
  wanted.read.level = what.level;
  return carry<stored_points, std::vector<record>>(
      self, std::move(wanted), what.timeout,
      [](std::vector<record>& all) { return stored_points{std::move(all)}; });
}

caf::result<found_points> search(client_self self, search_request what) {
  const auto within = what.timeout;
  return carry<found_points, std::vector<scored_record>>(
      self, query_of(std::move(what)), within,
      [](std::vector<scored_record>& all) { return found_points{std::move(all)}; });
}

own_client_actor::behavior_type client_link(client_self self, const client_options& options) {
  self->state.begin(self, options);
  self->set_default_handler(caf::drop);
  self->set_down_handler([self](const caf::down_msg& down) {
    auto& state = self->state;
    if (state.connection && state.connection->far.address() == down.source)
      state.closed({errc::unavailable, "the connection ended"});
    else
      state.watcher_gone(down.source);
  });
  self->set_exit_handler([self](const caf::exit_msg& asked) {
    self->state.end({errc::closed, "the client ends"});
    self->quit(asked.reason);
  });
  return {
      [self](upsert_request& what) {
        return write(self, upsert_of(std::move(what.points)), what);
      },
      [self](remove_request& what) {
        return write(self, delete_points{std::move(what.ids)}, what);
      },
      [self](search_request& what) { return search(self, std::move(what)); },
      [self](get_request& what) { return get(self, what); },
      [self](create_request& what) {
        return change(self, create_collection_request{what.collection, std::move(what.options)},
                      what.timeout);
      },
      [self](const drop_request& what) {
        return change(self, delete_collection_request{what.collection}, what.timeout);
      },
      [self](create_key_request& what) { return change_keys(self, what.key, what); },
      [self](drop_key_request& what) {
        return change_keys(self, remove_shard_key{what.key}, what);
      },
      [self](const watch_request& wanted) { self->state.watch(wanted); },
      [self](const unwatch_request& what) {
        self->state.unwatch(what.collection, what.watcher.address());
      },
      [self](const link_hello& said) {
        if (self->state.is_from_far(self->current_sender()))
          self->state.judge_hello(said);
      },
      [self](const link_frame& frame) {
        if (self->state.is_from_far(self->current_sender()))
          self->state.receive(frame);
      },
      [self](const link_farewell& said) {
        if (self->state.is_from_far(self->current_sender()))
          self->state.closed({said.code == errc::ok ? errc::unavailable : said.code, said.why});
      },
      [self](link_wake) { self->state.wake(); },
      [self](link_flush) { self->state.flush(); },
  };
}

} // namespace

void client_link_state::ask(client::request asked, std::chrono::milliseconds within,
                            std::function<void(outcome<client::reply>)> answer) {
  if (!answer)
    answer = [](const outcome<client::reply>&) {};
  if (within.count() <= 0)
    return answer(status{errc::bad_request, "a timeout must be at least 1 ms"});
  auto bytes = client::encode(asked);
  if (bytes.size() + link::envelope_header_bytes > link::parcel_bytes_max)
    return answer(status{errc::too_large, "one request may have 32 MiB"});
  if (waiting_bytes + bytes.size() > waiting_bytes_max)
    return answer(status{errc::overloaded, "too much of this client waits for an answer"});
  const auto ticket = pending->begin(now_ms() + static_cast<std::uint64_t>(within.count()));
  if (!ticket)
    return answer(ticket.error());
  waiting_bytes += bytes.size();
  waiting.emplace(*ticket,
                  client_question{std::move(bytes), client::is_read(asked), std::move(answer)});
  unsent.insert(*ticket);
  if (connection && connection->is_open)
    greet();
  else
    arm();
}

void client_link_state::watch(const watch_request& wanted) {
  if (!wanted.watcher)
    return;
  unwatch(wanted.collection, wanted.watcher.address());
  self->monitor(wanted.watcher);
  watched[wanted.collection].push_back({wanted.watcher, false, {}});
  if (connection && connection->is_open)
    ask_for_news(wanted.collection);
}

/// Whatever becomes of the connection: the next one asks again. If the node does not want to, who
/// watches hears so; a node that was only late is asked once more.
void client_link_state::ask_for_news(const std::string& collection) {
  ask(client::watch_collection{collection}, std::chrono::seconds{30},
      [this, collection](const outcome<client::reply>& said) {
        const auto at = watched.find(collection);
        if (said || at == watched.end() || !connection || !connection->is_open)
          return;
        if (said.error().code == errc::timed_out || said.error().code == errc::commit_unknown)
          return ask_for_news(collection);
        collection_news last;
        last.collection = collection;
        last.ended = said.error();
        for (const auto& each : at->second)
          self->send(each.whom, last);
        watched.erase(at);
      });
}

void client_link_state::unwatch(const std::string& collection, const caf::actor_addr& whom) {
  const auto at = watched.find(collection);
  if (at == watched.end())
    return;
  std::erase_if(at->second, [&whom](const auto& one) { return one.whom.address() == whom; });
  if (!at->second.empty())
    return;
  watched.erase(at);
  if (connection && connection->is_open)
    ask(client::unwatch_collection{collection}, std::chrono::seconds{30}, {});
}

void client_link_state::hear(const client::collection_news& news) {
  const auto at = watched.find(news.collection);
  if (at == watched.end())
    return; // Unwatched meanwhile.
  for (auto& one : at->second) {
    const auto skipped = one.next ? one.next->skipped + 1 : 0;
    one.next = collection_news{news.collection, news.exists, news.id, news.version,
                               news.written,    skipped,     {}};
    tell(news.collection, one);
  }
}

/// One at a time: a slow watcher skips states, and keeps nobody's memory.
void client_link_state::tell(const std::string& collection, client_watcher& one) {
  if (one.is_busy || !one.next)
    return;
  one.is_busy = true;
  const auto whom = one.whom;
  const auto of = [this, collection, whom]() -> client_watcher* {
    const auto at = watched.find(collection);
    if (at == watched.end())
      return nullptr;
    const auto found = std::find_if(at->second.begin(), at->second.end(),
                                    [&whom](const auto& each) { return each.whom == whom; });
    return found == at->second.end() ? nullptr : &*found;
  };
  auto news = std::move(*one.next);
  one.next.reset();
  self->request(whom, news_timeout, std::move(news))
      .then(
          [this, of, collection] {
            auto* same = of();
            if (!same)
              return;
            same->is_busy = false;
            tell(collection, *same);
          },
          [this, collection, whom](const caf::error& why) {
            if (why == caf::sec::request_timeout) {
              collection_news last;
              last.collection = collection;
              last.ended = {errc::overloaded, "the watcher did not take news for 30 s"};
              self->send(whom, std::move(last));
            }
            unwatch(collection, whom.address());
          });
}

void client_link_state::watcher_gone(const caf::actor_addr& whom) {
  std::vector<std::string> collections;
  for (const auto& [collection, who] : watched)
    collections.push_back(collection);
  for (const auto& collection : collections)
    unwatch(collection, whom);
}

} // namespace grape::actors

namespace grape {

namespace {

peer_settings peer_of(const client_options& options) {
  peer_settings peer;
  peer.tls_cert = options.tls_cert;
  peer.tls_key = options.tls_key;
  peer.tls_ca = options.tls_ca;
  return peer;
}

} // namespace

void prepare(caf::actor_system_config& config, const client_options& client) {
  actors::prepare(config, peer_of(client));
}

outcome<client_actor> connect(caf::actor_system& system, const client_options& options) {
  const auto peer = peer_of(options);
  const auto files =
      static_cast<int>(!peer.tls_cert.empty()) + !peer.tls_key.empty() + !peer.tls_ca.empty();
  if (files != 0 && files != 3)
    return status{errc::bad_config,
                  "tls_cert, tls_key and tls_ca are given together or not at all"};
  if (options.nodes.empty() || options.name.empty() || options.name.size() > 64)
    return status{errc::bad_config, "a client needs a node to dial, and a name of 1 to 64 bytes"};
  for (const auto& node : options.nodes)
    if (const auto where = actors::parse_endpoint(node); where.host.empty() || where.port == 0)
      return status{errc::bad_config, "`" + node + "` is not host:port"};
  if (auto good = actors::check_peer(peer); !good.ok())
    return good;
  if (auto good = actors::check_prepared(system, peer, true); !good.ok())
    return good;
  return caf::actor_cast<client_actor>(system.spawn(actors::client_link, options));
}

outcome<client_actor> connect(caf::actor_system& system, const std::string& node) {
  client_options options;
  options.nodes.push_back(node);
  return connect(system, options);
}

status to_status(const caf::error& why) {
  return actors::to_status(why);
}

} // namespace grape
