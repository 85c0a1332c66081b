#include "tests/actors/peers_by_hand.hpp"

#include "actors/remote/peer_link_state.hpp"

#include <atomic>
#include <random>

using namespace grape;
using namespace grape::actors;

namespace {

using namespace std::chrono_literals;

/// What somebody who plays node 1 by hand has heard.
struct heard {
  std::mutex mutex;
  std::optional<status> farewell;
  std::atomic<int> hellos{0};
  std::atomic<bool> welcome{false};
  std::optional<status> refused;

  std::optional<status> said_farewell() {
    const std::lock_guard guard{mutex};
    return farewell;
  }

  std::optional<status> said_no() {
    const std::lock_guard guard{mutex};
    return refused;
  }
};

using stranger_actor = caf::typed_actor<caf::replies_to<founding_question>::with<founding_reply>,
                                        caf::reacts_to<link_hello>, caf::reacts_to<link_frame>,
                                        caf::reacts_to<link_farewell>>;

/// Knocks at a door, and once it is let in says `lines`, in order.
struct lines {
  link_knock knock{link::protocol_version, node_number{1}, "n1"};
  std::string hello;
  std::vector<std::string> frames;
};

stranger_actor::behavior_type stranger(stranger_actor::pointer self, const caf::actor& door,
                                       const lines& said, const std::shared_ptr<heard>& news) {
  self->request(caf::actor_cast<door_actor>(door), 5s, said.knock)
      .then(
          [self, said, news](const link_welcome&) {
            news->welcome = true;
            const auto far = caf::actor_cast<far_link_actor>(self->current_sender());
            if (!said.hello.empty())
              self->send(far, link_hello{said.hello});
            for (const auto& frame : said.frames)
              self->send(far, link_frame{frame});
          },
          [news](const caf::error& why) {
            const std::lock_guard guard{news->mutex};
            news->refused = to_status(why);
          });
  return {
      [](founding_question) -> caf::result<founding_reply> { return founding_reply{}; },
      [news](const link_hello&) { ++news->hellos; },
      [](const link_frame&) {},
      [news](const link_farewell& end) {
        const std::lock_guard guard{news->mutex};
        news->farewell = status{end.code, end.why};
      },
  };
}

/// Nodes 2 and 3 of a formed cluster, and a system that is no node at all.
struct strangers {
  strangers() {
    until("they see each other", [this] { return two.sees(3) && three.sees(2); });
    door = door_at(system, ports[1]);
  }

  std::shared_ptr<heard> say(const lines& said) {
    auto news = std::make_shared<heard>();
    who.push_back(system.spawn(stranger, door, said, news));
    return news;
  }

  ~strangers() {
    for (const auto& each : who)
      caf::anon_send_exit(each, caf::exit_reason::kill);
  }

  static link::hello good_hello() {
    link::hello own;
    own.cluster_id = "the-cluster";
    own.cluster_name = "grape";
    own.number = node_number{1};
    own.node_name = "n1";
    own.incarnation = {1, 1, 1};
    own.http_address = "127.0.0.1:1";
    return own;
  }

  std::vector<std::uint16_t> ports = free_ports(3);
  std::vector<node_config> configs = cluster_of(ports);
  disk second = formed_disk(2);
  disk third = formed_disk(3);
  peers_node two{configs[1], second};
  peers_node three{configs[2], third};
  system_config settings{2};
  caf::actor_system system{settings};
  caf::actor door;
  std::vector<stranger_actor> who;
};

} // namespace

TEST_SUITE("actors.remote.stranger") {
  TEST_CASE_FIXTURE(strangers, "whoever knocks wrongly is told why") {
    lines said;
    const auto refusal_of = [this, &said] {
      const auto news = say(said);
      until("it is refused", [&] { return news->said_no().has_value(); });
      return *news->said_no();
    };
    for (const auto other : {1u, link::protocol_version - 1, 99u}) {
      said.knock.protocol = other;
      CHECK(refusal_of().code == errc::wrong_version);
      CHECK(refusal_of().code == errc::wrong_version);
    }
    std::size_t told = 0;
    for (const auto& note : two.home->notes.all())
      told += note.find("node 1 was turned away: it speaks protocol 99, this node speaks ")
                  != std::string::npos
                  ? 1
                  : 0;
    CHECK(told == 1);
    said.knock = {link::protocol_version, node_number{9}, "n9"};
    CHECK(refusal_of() == status{errc::not_found, "node 9 (`n9`) is not known to `n2`"});
    said.knock = {link::protocol_version, node_number{2}, "n2"};
    CHECK(refusal_of().code == errc::bad_config);
    said.knock = {link::protocol_version, node_number{3}, "n3"};
    CHECK(refusal_of().code == errc::bad_config); // The lower number dials.
  }

  TEST_CASE_FIXTURE(strangers, "a wrong hello ends the connection in words") {
    lines said;
    auto hello = good_hello();
    hello.cluster_id = "another";
    said.hello = link::encode(hello);
    auto news = say(said);
    until("it is refused", [&] { return news->said_farewell().has_value(); });
    CHECK(news->said_farewell()->code == errc::bad_config);
    CHECK(news->said_farewell()->detail.find("clusters do not mix") != std::string::npos);

    hello = good_hello();
    hello.protocol = 1;
    said.hello = link::encode(hello);
    news = say(said);
    until("it is refused", [&] { return news->said_farewell().has_value(); });
    CHECK(news->said_farewell()->code == errc::wrong_version);

    said.hello = "no hello at all";
    news = say(said);
    until("it is refused", [&] { return news->said_farewell().has_value(); });
    CHECK(news->hellos == 1);
    CHECK(two.sees(3));
  }

  TEST_CASE_FIXTURE(strangers, "garbage after a valid hello ends that connection alone") {
    std::mt19937_64 random{20'261};
    for (int round = 0; round < 20; ++round) {
      CAPTURE(round);
      lines said;
      said.hello = link::encode(good_hello());
      std::string garbage(random() % 5'000, '\0');
      for (auto& byte : garbage)
        byte = static_cast<char>(random());
      said.frames.push_back(std::move(garbage));
      const auto news = say(said);
      until("it is ended", [&] { return news->said_farewell().has_value(); });
      CHECK((news->said_farewell()->code == errc::corrupted
             || news->said_farewell()->code == errc::wrong_version
             || news->said_farewell()->code == errc::too_large));
      CHECK(two.sees(3));
      until("the stranger is seen no more", [&] { return !two.sees(1); });
    }
  }

  TEST_CASE_FIXTURE(strangers, "garbage bytes on the port harm nobody") {
    std::mt19937_64 random{20'262};
    for (int round = 0; round < 50; ++round) {
      loopback_socket raw;
      REQUIRE(raw.connect(ports[1]) == 0);
      std::string garbage(32 + random() % 2'000, '\0');
      for (auto& byte : garbage)
        byte = static_cast<char>(random());
      (void)!::send(raw.handle(), garbage.data(), garbage.size(), MSG_NOSIGNAL);
      if (round % 2 == 0) { // Until the other side hangs up.
        timeval patience{1, 0};
        ::setsockopt(raw.handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        char bytes[4'096];
        while (::recv(raw.handle(), bytes, sizeof bytes, 0) > 0) {}
      }
    }
    lines said;
    said.hello = link::encode(good_hello());
    const auto news = say(said);
    until("a guest is still let in", [&] { return news->welcome.load(); });
    until("and the others are not harmed", [&] { return two.sees(1) && two.sees(3); });
  }

  TEST_CASE_FIXTURE(strangers, "a second process of a node that is connected is refused") {
    lines said;
    said.hello = link::encode(good_hello());
    const auto first = say(said);
    until("the first is let in", [&] { return two.sees(1); });

    const auto second_news = say(said);

    until("the second is refused", [&] { return second_news->said_no().has_value(); });
    CHECK(second_news->said_no()->code == errc::unavailable);
    CHECK_FALSE(first->said_farewell());
  }
}
