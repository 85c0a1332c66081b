#include "tests/actors/peers_by_hand.hpp"

#include "actors/embed/grape/client.hpp"
#include "actors/remote/peer_link_state.hpp"
#include "core/client/message.hpp"
#include "core/client/second_asking.hpp"

#include <atomic>

using namespace grape;
using namespace grape::actors;

namespace {

using namespace std::chrono_literals;

/// What a node played by the test does with a question: answers, refuses, or (nothing) is silent.
using deed = std::function<std::optional<outcome<client::reply>>(const client::request&)>;

using player_actor =
    caf::typed_actor<caf::replies_to<link_knock>::with<link_welcome>, caf::reacts_to<link_frame>,
                     caf::reacts_to<link_farewell>, caf::reacts_to<link_flush>>;

std::uint64_t now_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

struct player_state {
  player_state() {}
  caf::actor client;
  link::inbox in;
  link::outbox out{link::outbox_options{}};
  std::vector<std::pair<link::ticket, client::request>> silent_to;

  void say(link::ticket request, const outcome<client::reply>& what) {
    const auto bytes =
        what.ok() ? client::encode(*what) : link::encode(link::refusal{what.error(), {}});
    const auto kind = what.ok() ? link::envelope_kind::answer : link::envelope_kind::refusal;
    REQUIRE(out.push(link::lane::normal,
                     link::seal({.kind = kind, .ticket = request, .bytes = bytes}), now_ms())
                .ok());
  }
};

struct script {
  std::string cluster_id = "the-cluster";
  deed does;
  deed later = {}; ///< What it says to what it was silent to, after the first refusal.
  std::shared_ptr<std::atomic<int>> questions = std::make_shared<std::atomic<int>>(0);
};

/// Door and session of a node in one.
player_actor::behavior_type player(player_actor::stateful_pointer<player_state> self,
                                   const script& of) {
  return {
      [self](const link_knock&) {
        self->state.client = caf::actor_cast<caf::actor>(self->current_sender());
        self->send(self, link_flush{}); // After the answer.
        return link_welcome{node_number{1}};
      },
      [self, of](const link_frame& frame) {
        auto& state = self->state;
        const auto brought = state.in.accept(frame.bytes);
        REQUIRE(brought.ok());
        REQUIRE(state.out.heard(*brought, now_ms()).ok());
        for (const auto& parcel : brought->parcels) {
          const auto asked = link::open_envelope(parcel.bytes).value();
          if (asked.kind != link::envelope_kind::question)
            continue;
          ++*of.questions;
          const auto what = client::decode_request(asked.bytes).value();
          const auto said = of.does(what);
          if (said)
            state.say(asked.ticket, *said);
          else
            state.silent_to.emplace_back(asked.ticket, what);
          if (said && !said->ok() && of.later)
            for (const auto& [request, before] : std::exchange(state.silent_to, {}))
              state.say(request, *of.later(before));
        }
        while (auto next = state.out.take_frame(now_ms() + 100))
          self->send(caf::actor_cast<far_link_actor>(state.client), link_frame{std::move(*next)});
      },
      [self](const link_farewell&) { self->state.client = nullptr; },
      [self, of](link_flush) {
        link::hello hello;
        hello.cluster_id = of.cluster_id;
        hello.cluster_name = "grape";
        hello.number = node_number{1};
        hello.node_name = "n1";
        hello.http_address = "127.0.0.1:1";
        self->send(caf::actor_cast<far_link_actor>(self->state.client),
                   link_hello{link::encode(hello)});
      },
  };
}

/// A node that does as it is told.
class played_node {
public:
  explicit played_node(const script& does)
    : asked(does.questions) {
    const auto who = caf::actor_cast<caf::actor>(system_->spawn(player, does));
    const auto listens = system_->middleman().publish(who, 0, "127.0.0.1");
    REQUIRE(listens);
    port_ = *listens;
    who_ = who;
  }

  ~played_node() { die(); }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  /// As a process that ends.
  void die() {
    if (!system_)
      return;
    caf::anon_send_exit(who_, caf::exit_reason::kill);
    who_ = nullptr;
    system_ = nullptr;
  }

  std::shared_ptr<std::atomic<int>> asked;

private:
  system_config settings_{2};
  std::unique_ptr<caf::actor_system> system_ = std::make_unique<caf::actor_system>(settings_);
  std::uint16_t port_ = 0;
  caf::actor who_;
};

deed silent() {
  return [](const client::request&) { return std::nullopt; };
}

deed refusing(status why) {
  return [why](const client::request&) { return outcome<client::reply>{why}; };
}

/// Answers whatever it is asked.
deed willing() {
  return [](const client::request& asked) -> std::optional<outcome<client::reply>> {
    if (std::holds_alternative<write_request>(asked))
      return outcome<client::reply>{write_receipts{{{7, write_progress::completed}}}};
    return outcome<client::reply>{std::vector<record>{{point_id{1}, 1, {}, {}}}};
  };
}

/// A client of `first`, then of `second`.
struct client_of {
  client_of(const played_node& first, const played_node& second) {
    client_options options;
    options.nodes = {first.address(), second.address()};
    auto made = connect(system, options);
    REQUIRE(made.ok());
    db = *made;
  }

  ~client_of() { caf::anon_send_exit(db, caf::exit_reason::user_shutdown); }

  /// Begins it; `come` waits for what comes of it.
  template <class Request>
  auto begin(Request request) {
    return self->request(db, 60s, std::move(request));
  }

  template <class Reply, class Handle>
  status come(Handle&& begun) {
    status told;
    begun.receive([](const Reply&) {},
                  [&](const caf::error& why) { told = grape::to_status(why); });
    return told;
  }

  static get_request reading(std::chrono::milliseconds within = 30s) {
    return {"words", {point_id{1}}, within};
  }

  static upsert_request writing(std::chrono::milliseconds within = 30s) {
    return {"words", {{point_id{1}, {}, {}}}, within};
  }

  system_config settings{2};
  caf::actor_system system{settings};
  client_actor db;
  caf::scoped_actor self{system};
};

} // namespace

TEST_SUITE("actors.client.failover") {
  TEST_CASE("a read that is lost with its node is asked again at the next one") {
    played_node first{{.does = silent()}};
    played_node second{{.does = willing()}};
    client_of who{first, second};
    auto begun = who.begin(client_of::reading());
    until("it is asked", [&] { return *first.asked == 1; });
    first.die();
    CHECK(who.come<stored_points>(begun).ok());
    CHECK(*second.asked == 1);
  }

  TEST_CASE("of a change that is lost with its node nobody knows, and it is not made twice") {
    played_node first{{.does = silent()}};
    played_node second{{.does = willing()}};
    client_of who{first, second};
    auto begun = who.begin(client_of::writing());
    until("it is asked", [&] { return *first.asked == 1; });
    first.die();
    CHECK(who.come<write_receipt>(begun).code == errc::commit_unknown);
    CHECK(*second.asked == 0);
    CHECK(who.come<write_receipt>(who.begin(client_of::writing())).ok());
    CHECK(*second.asked == 1);
  }

  TEST_CASE("a node that is closing hands its clients over, changes included") {
    played_node first{{.does = refusing({errc::closed, "the node is closing"})}};
    played_node second{{.does = willing()}};
    client_of who{first, second};
    CHECK(who.come<write_receipt>(who.begin(client_of::writing())).ok());
    CHECK(*first.asked == 1);
    CHECK(*second.asked == 1);
  }

  TEST_CASE("a node that is closing answers what it took before, and is left then") {
    const auto closing = [](const client::request& asked) -> std::optional<outcome<client::reply>> {
      if (std::holds_alternative<write_request>(asked))
        return std::nullopt;
      return outcome<client::reply>{status{errc::closed, "the node is closing"}};
    };
    for (const auto in_order : {true, false}) {
      CAPTURE(in_order);
      played_node first{{.does = closing, .later = in_order ? willing() : deed{}}};
      played_node second{{.does = willing()}};
      client_of who{first, second};
      auto writing = who.begin(client_of::writing());
      until("it is asked", [&] { return *first.asked == 1; });
      CHECK(who.come<stored_points>(who.begin(client_of::reading(10s))).ok());
      CHECK(*second.asked == 1);
      CHECK(who.come<write_receipt>(writing).code
            == (in_order ? errc::ok : errc::commit_unknown)); // It takes no longer than a second.
    }
  }

  TEST_CASE("only a node that goes itself says so to its clients") {
    const status gone{errc::closed, "the node is closing"};
    CHECK(client::told_to_client(gone, true, true) == gone);
    CHECK(client::told_to_client(gone, true, false) == gone);
    CHECK(client::told_to_client(gone, false, true)
          == status{errc::unavailable, "the node is closing"});
    CHECK(client::told_to_client(gone, false, false)
          == status{errc::commit_unknown, "the node is closing"});
    const status other{errc::overloaded, "too many"};
    CHECK(client::told_to_client(other, false, false) == other);
  }

  TEST_CASE("any other refusal is the answer, with its code and words") {
    const status why{errc::unavailable, "no leader"};
    played_node first{{.does = refusing(why)}};
    played_node second{{.does = willing()}};
    client_of who{first, second};
    CHECK(who.come<write_receipt>(who.begin(client_of::writing())) == why);
    CHECK(who.come<stored_points>(who.begin(client_of::reading())) == why);
    CHECK(*second.asked == 0);
  }

  TEST_CASE("a node that does not answer in time is a time-out for reads alone") {
    played_node first{{.does = silent()}};
    played_node second{{.does = willing()}};
    client_of who{first, second};
    CHECK(who.come<stored_points>(who.begin(client_of::reading(300ms))).code == errc::timed_out);
    CHECK(who.come<write_receipt>(who.begin(client_of::writing(300ms))).code
          == errc::commit_unknown);
    CHECK(who.come<stored_points>(who.begin(client_of::reading(0ms))).code == errc::bad_request);
  }

  TEST_CASE("an answer that makes no sense is no acknowledgement") {
    played_node first{
        {.does = [](const client::request&) { return outcome<client::reply>{count_reply{1}}; }}};
    played_node second{{.does = willing()}};
    client_of who{first, second};
    CHECK(who.come<stored_points>(who.begin(client_of::reading())).code == errc::corrupted);
    CHECK(who.come<write_receipt>(who.begin(client_of::writing())).code == errc::commit_unknown);
  }

  TEST_CASE("a watcher hears of the next node that it does not want to tell news") {
    for (const auto code : {errc::overloaded, errc::wrong_input}) {
      played_node first{
          {.does = [](const client::request&) { return outcome<client::reply>{changed{}}; }}};
      played_node second{{.does = refusing({code, "not now"})}};
      client_of who{first, second};
      who.self->send(who.db, watch_request{"words", caf::actor_cast<watcher_actor>(who.self)});
      until("it watches", [&] { return *first.asked == 1; });
      first.die();
      status ended;
      who.self->receive([&](const collection_news& last) { ended = last.ended; },
                        caf::after(20s) >> [] { FAIL("nothing was heard"); });
      CHECK(ended == status{code, "not now"});
    }
  }

  TEST_CASE("a node of another cluster is not gone on with") {
    played_node first{{.does = willing()}};
    played_node second{{.cluster_id = "another", .does = willing()}};
    client_of who{first, second};
    CHECK(who.come<stored_points>(who.begin(client_of::reading())).ok());
    first.die();
    const auto lost = who.come<stored_points>(who.begin(client_of::reading(3s)));
    CHECK(lost.code == errc::unavailable);
    CHECK(*second.asked == 0);
  }

  TEST_CASE("a client that ends leaves nobody waiting") {
    played_node first{{.does = silent()}};
    played_node second{{.does = silent()}};
    client_of who{first, second};
    auto reading = who.begin(client_of::reading());
    auto writing = who.begin(client_of::writing());
    until("both are asked", [&] { return *first.asked == 2; });
    caf::anon_send_exit(who.db, caf::exit_reason::user_shutdown);
    CHECK(who.come<stored_points>(reading).code == errc::closed);
    CHECK(who.come<write_receipt>(writing).code == errc::commit_unknown);
  }
}
