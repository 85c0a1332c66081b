#include "actors/remote/client_session_state.hpp"
#include "core/client/second_asking.hpp"

#include <type_traits>
#include <variant>

namespace grape::actors {

namespace {

/// Questions of one client that wait for an answer.
constexpr std::size_t under_way_max = 1'024;

/// So long news of what is watched may be late, beyond what it takes to ask.
constexpr std::uint64_t look_every_ms = 200;

/// What a client gets of the house's answer.
client::reply reply_of(write_receipts&& from) {
  return std::move(from);
}

client::reply reply_of(query_reply&& from) {
  return std::move(from.points);
}

client::reply reply_of(retrieve_reply&& from) {
  return std::move(from.points);
}

client::reply reply_of(count_reply&& from) {
  return from;
}

client::reply reply_of(changed&& from) {
  return from;
}

client::reply reply_of(shard_key_list&& from) {
  return std::move(from);
}

/// The cheapest question whose answer says how far each shard is, from any replica.
query_request how_far(const std::string& collection) {
  query_request asked;
  asked.collection = collection;
  asked.limit = 1;
  asked.read = {read_level::eventual, 2'000, true};
  return asked;
}

} // namespace

void client_session_state::ask(link::lane, const link::envelope& question) {
  const auto request = question.ticket;
  if (request == link::ticket{})
    return end({errc::corrupted, "a question without a number"});
  if (under_way.size() >= under_way_max)
    return refuse(request, {errc::overloaded, "too many requests of this client wait; try later"});
  if (under_way.contains(request))
    return end({errc::corrupted, "a second question of the same number"});
  if (question.timeout_ms == 0)
    return refuse(request, {errc::timed_out, "no time is left"});
  auto asked = client::decode_request(question.bytes);
  if (!asked)
    return refuse(request, std::move(asked).error());
  under_way.emplace(request, question.bytes.size());
  put(request, question.timeout_ms, std::move(*asked));
}

/// The house answers on whatever thread; the answer is made into bytes there.
template <class Answer, class Request>
void client_session_state::put_to_house(link::ticket request, Request asked) {
  const auto whom = caf::actor_cast<own_session_actor>(self);
  constexpr bool is_read =
      !std::is_same_v<Answer, write_receipts> && !std::is_same_v<Answer, changed>;
  place->room().port().ask(
      std::move(asked), reply_to<Answer>{[whom, request, of = home](outcome<Answer> came) {
        auto said = came ? outcome<std::string>{client::encode(reply_of(std::move(*came)))}
                         : outcome<std::string>{client::told_to_client(std::move(came).error(),
                                                                       of->closing, is_read)};
        caf::anon_send(whom, session_answer{request, std::make_shared<const outcome<std::string>>(
                                                         std::move(said))});
      }});
}

void client_session_state::put(link::ticket request, std::uint32_t timeout_ms,
                               client::request asked) {
  const auto answer_now = [this, request](const status& done) {
    under_way.erase(request);
    if (done.ok())
      reply(request, client::encode(client::reply{changed{}}));
    else
      refuse(request, done);
  };
  std::visit(
      [this, request, timeout_ms, answer_now](auto&& one) {
        using kind = std::decay_t<decltype(one)>;
        if constexpr (std::is_same_v<kind, write_request>) {
          one.options.timeout_ms = timeout_ms;
          put_to_house<write_receipts>(request, std::move(one));
        } else if constexpr (std::is_same_v<kind, query_request>) {
          one.read.timeout_ms = timeout_ms;
          put_to_house<query_reply>(request, std::move(one));
        } else if constexpr (std::is_same_v<kind, retrieve_request>) {
          one.read.timeout_ms = timeout_ms;
          put_to_house<retrieve_reply>(request, std::move(one));
        } else if constexpr (std::is_same_v<kind, count_request>) {
          one.read.timeout_ms = timeout_ms;
          put_to_house<count_reply>(request, std::move(one));
        } else if constexpr (std::is_same_v<kind, list_shard_keys_request>) {
          put_to_house<shard_key_list>(request, std::move(one));
        } else if constexpr (std::is_same_v<kind, client::watch_collection>) {
          answer_now(watch(one));
        } else if constexpr (std::is_same_v<kind, client::unwatch_collection>) {
          watched.unwatch(one.collection);
          answer_now({});
        } else {
          put_to_house<changed>(request, std::move(one));
        }
      },
      std::move(asked));
}

status client_session_state::watch(const client::watch_collection& wanted) {
  auto done = watched.watch(wanted.collection);
  if (done.ok())
    look_at_ms = now_ms(); // The first news are due now.
  return done;
}

void client_session_state::look_at_watched() {
  look_at_ms = now_ms() + look_every_ms;
  tell_news();
  const auto known = home->known.get();
  if (!known)
    return;
  for (const auto& collection : watched.existing(known->state)) {
    if (!looking_at.insert(collection).second)
      continue; // The last question is still under way.
    const auto whom = caf::actor_cast<own_session_actor>(self);
    const auto id = known->state.find(collection)->id.value;
    place->room().port().ask(
        how_far(collection),
        reply_to<query_reply>{[whom, collection, id](outcome<query_reply> came) {
          session_written seen{collection, id, {}};
          if (came && came->explain)
            seen.indexes = std::move(came->explain->read_indexes);
          caf::anon_send(whom, std::move(seen));
        }});
  }
}

/// What does not fit the client's queue stays due: later, as it is then.
void client_session_state::tell_news() {
  const auto known = home->known.get();
  if (!known)
    return;
  for (const auto& news : watched.due(known->state)) {
    const auto bytes = client::encode(news);
    if (!push(link::lane::normal, {.kind = link::envelope_kind::post, .bytes = bytes}).ok())
      return;
    watched.told(news);
  }
}

} // namespace grape::actors
