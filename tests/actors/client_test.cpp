#include "tests/actors/peers_by_hand.hpp"

#include "actors/embed/grape/client.hpp"
#include "actors/remote/client_session_state.hpp"
#include "net/tls_authority.hpp"
#include "tests/support/temporary_directory.hpp"

#include <atomic>
#include <fstream>
#include <random>
#include <thread>

using namespace grape;
using namespace grape::actors;

namespace {

using namespace std::chrono_literals;

std::string address_of(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

/// What somebody who plays a client by hand has heard.
struct heard {
  std::mutex mutex;
  std::optional<status> farewell;
  std::optional<status> refused;
  std::optional<link::hello> hello;
  std::vector<link::envelope_kind> kinds; ///< Of the parcels.
  std::optional<status> answer;           ///< Of the last refusal.

  template <class T>
  T look(T heard::*at) {
    const std::lock_guard guard{mutex};
    return this->*at;
  }
};

using stranger_actor = far_client_actor;

/// Knocks without a number, and once it is let in says `frames`, in order.
stranger_actor::behavior_type stranger(stranger_actor::pointer self, const caf::actor& door,
                                       std::uint32_t protocol,
                                       const std::vector<std::string>& frames,
                                       const std::shared_ptr<heard>& news) {
  self->request(caf::actor_cast<door_actor>(door), 5s,
                link_knock{protocol, node_number{}, "stranger"})
      .then(
          [self, frames](const link_welcome&) {
            const auto far = caf::actor_cast<far_link_actor>(self->current_sender());
            for (const auto& frame : frames)
              self->send(far, link_frame{frame});
          },
          [news](const caf::error& why) {
            const std::lock_guard guard{news->mutex};
            news->refused = actors::to_status(why);
          });
  const auto in = std::make_shared<link::inbox>();
  return {
      [news](const link_hello& said) {
        const std::lock_guard guard{news->mutex};
        if (auto hello = link::decode_hello(said.bytes))
          news->hello = *hello;
      },
      [news, in](const link_frame& frame) {
        const auto brought = in->accept(frame.bytes);
        REQUIRE(brought.ok());
        const std::lock_guard guard{news->mutex};
        for (const auto& parcel : brought->parcels) {
          const auto opened = link::open_envelope(parcel.bytes);
          REQUIRE(opened.ok());
          news->kinds.push_back(opened->kind);
          if (opened->kind == link::envelope_kind::refusal)
            news->answer = link::decode_refusal(opened->bytes).value().why;
        }
      },
      [news](const link_farewell& end) {
        const std::lock_guard guard{news->mutex};
        news->farewell = status{end.code, end.why};
      },
  };
}

/// A frame with one parcel.
std::string frame_of(const link::envelope& parcel, std::uint64_t number = 1) {
  link::frame_writer frame;
  const auto sealed = link::seal(parcel);
  frame.add({link::lane::normal, sealed, {}});
  return frame.take(link::frame_number{number}, {});
}

/// Nodes 2 and 3 of a formed cluster of which only the PEERS floor lives, and a client's system.
struct nodes_and_client {
  nodes_and_client() {
    until("they see each other", [this] { return two.sees(3) && three.sees(2); });
    door = door_at(system, ports[1]);
  }

  ~nodes_and_client() {
    for (const auto& each : who)
      caf::anon_send_exit(each, caf::exit_reason::kill);
  }

  std::shared_ptr<heard> say(const std::vector<std::string>& frames,
                             std::uint32_t protocol = client::protocol_version) {
    auto news = std::make_shared<heard>();
    who.push_back(
        caf::actor_cast<caf::actor>(system.spawn(stranger, door, protocol, frames, news)));
    return news;
  }

  client_actor connect_to(const std::vector<std::string>& nodes) {
    client_options options;
    options.nodes = nodes;
    auto made = connect(system, options);
    REQUIRE_MESSAGE(made.ok(), made.error().detail);
    who.push_back(caf::actor_cast<caf::actor>(*made));
    return *made;
  }

  /// What a read comes to.
  status read(const client_actor& db, std::chrono::milliseconds within = 10s) {
    caf::scoped_actor self{system};
    status told;
    self->request(db, 30s, get_request{"words", {point_id{1}}, within})
        .receive([](const stored_points&) {},
                 [&](const caf::error& why) { told = grape::to_status(why); });
    return told;
  }

  std::vector<std::uint16_t> ports = free_ports(3);
  std::vector<node_config> configs = small(cluster_of(ports));
  disk second = formed_disk(2);
  disk third = formed_disk(3);
  peers_node two{configs[1], second};
  peers_node three{configs[2], third};
  system_config settings{2};
  caf::actor_system system{settings};
  caf::actor door;
  std::vector<caf::actor> who;

private:
  static std::vector<node_config> small(std::vector<node_config> all) {
    for (auto& each : all)
      each.http.body_bytes_in_flight_max = 4u << 20;
    return all;
  }
};

} // namespace

TEST_SUITE("actors.remote.client") {
  TEST_CASE_FIXTURE(nodes_and_client, "a client is let in, told whose node it is, and answered") {
    const auto question = client::encode(client::request{count_request{"words", {}, true, {}}});
    const auto news = say({frame_of({.kind = link::envelope_kind::question,
                                     .ticket = link::ticket{7},
                                     .timeout_ms = 1'000,
                                     .bytes = question})});
    until("it hears whose node it is", [&] { return news->look(&heard::hello).has_value(); });
    CHECK(news->look(&heard::hello)->cluster_id == "the-cluster");
    CHECK(news->look(&heard::hello)->number == node_number{2});
    until("it is answered", [&] { return news->look(&heard::answer).has_value(); });
    CHECK(*news->look(&heard::answer) == status{errc::unavailable, "the node is starting"});

    CHECK(read(connect_to({address_of(ports[1])}))
          == status{errc::unavailable, "the node is starting"});
    CHECK(two.sees(3)); // A client is no node.
    CHECK_FALSE(two.sees(1));
  }

  TEST_CASE_FIXTURE(nodes_and_client, "another protocol is refused in words") {
    const auto news = say({}, 99);
    until("it is refused", [&] { return news->look(&heard::refused).has_value(); });
    CHECK(*news->look(&heard::refused)
          == status{errc::wrong_version, "the client speaks protocol 99, `n2` speaks 2"});
  }

  TEST_CASE_FIXTURE(nodes_and_client, "garbage ends the session that sent it, and no other") {
    const auto db = connect_to({address_of(ports[1])});
    CHECK(read(db).detail == "the node is starting");
    std::mt19937_64 random{20'264};
    for (int round = 0; round < 30; ++round) {
      CAPTURE(round);
      std::string garbage(random() % 5'000, '\0');
      for (auto& byte : garbage)
        byte = static_cast<char>(random());
      const auto whole =
          round % 3 == 0   ? frame_of({.kind = link::envelope_kind::answer, .bytes = {}})
          : round % 3 == 1 ? frame_of({.kind = link::envelope_kind::question, .bytes = garbage})
                           : garbage;
      const auto news = say({whole});
      until("it is ended", [&] { return news->look(&heard::farewell).has_value(); });
      const auto why = news->look(&heard::farewell)->code;
      CHECK((why == errc::corrupted || why == errc::wrong_version || why == errc::too_large));
    }
    CHECK(read(db).detail == "the node is starting");
    CHECK(two.sees(3));
  }

  TEST_CASE_FIXTURE(nodes_and_client, "a request that makes no sense is refused, and no more") {
    const auto news = say(
        {frame_of({.kind = link::envelope_kind::question,
                   .ticket = link::ticket{1},
                   .timeout_ms = 1'000,
                   .bytes = "no request"}),
         frame_of({.kind = link::envelope_kind::question, .ticket = link::ticket{2}, .bytes = {}},
                  2)});
    until("both are refused", [&] { return news->look(&heard::kinds).size() >= 2; });
    CHECK_FALSE(news->look(&heard::farewell));
    CHECK(news->look(&heard::answer)->code == errc::timed_out); // It left no time.
  }

  TEST_CASE_FIXTURE(nodes_and_client, "who makes the node hoard what never ends is put out") {
    const std::string part(link::fragment_bytes_max, 'x');
    std::vector<std::string> frames;
    for (std::uint32_t i = 0; i < 40; ++i) {
      link::frame_writer frame;
      for (std::uint32_t j = 0; j < 3; ++j)
        frame.add({link::lane::bulk, part,
                   link::fragment_place{1, (3 * i + j) * std::uint32_t{link::fragment_bytes_max},
                                        32u << 20}});
      frames.push_back(frame.take(link::frame_number{i + 1}, {}));
    }
    const auto news = say(frames);
    until("it is ended", [&] { return news->look(&heard::farewell).has_value(); });
    CHECK(news->look(&heard::farewell)->code == errc::overloaded);
    CHECK(read(connect_to({address_of(ports[1])})).detail == "the node is starting");
  }

  TEST_CASE_FIXTURE(nodes_and_client, "nobody speaks in another client's name") {
    caf::scoped_actor thief{system};
    caf::actor session;
    const auto knock = link_knock{client::protocol_version, node_number{}, "one"};
    thief->request(caf::actor_cast<door_actor>(door), 5s, knock)
        .receive(
            [&](const link_welcome&) {
              session = caf::actor_cast<caf::actor>(thief->current_sender());
            },
            [](const caf::error&) { FAIL("not let in"); });
    caf::scoped_actor other{system};
    status refused;
    other->request(caf::actor_cast<door_actor>(session), 5s, knock)
        .receive([](const link_welcome&) {},
                 [&](const caf::error& why) { refused = actors::to_status(why); });
    CHECK(refused == status{errc::bad_request, "this is another client's"});
  }

  TEST_CASE_FIXTURE(nodes_and_client, "a client goes on with another node of its cluster only") {
    disk foreign = formed_disk(1, "another-cluster");
    peers_node stray{configs[0], foreign};
    until("it listens", [&] { return stray.home->remote->port != 0; });
    const auto db = connect_to({address_of(ports[1]), address_of(ports[0]), address_of(ports[2])});
    CHECK(read(db).detail == "the node is starting");
    two.kill();
    CHECK(read(db).detail == "the node is starting"); // The third one says so.
    three.kill();
    const auto lost = read(db, 3s);
    CHECK(lost.code == errc::unavailable);
    CHECK_MESSAGE(lost.detail.find("no node could be reached") != std::string::npos, lost.detail);
  }

  // Goal: whoever knocks and says nothing keeps nobody out. Method: floods from another process'
  // system, again and again, while a client comes, asks and goes.
  TEST_CASE_FIXTURE(nodes_and_client, "anonymous knocks keep no client out") {
    system_config elsewhere{2};
    caf::actor_system flood{elsewhere};
    const auto way = door_at(flood, ports[1]);
    std::atomic<bool> is_over{false};
    std::atomic<std::size_t> knocks{0};
    std::thread flooding{[&] {
      std::vector<caf::actor> silent;
      while (!is_over) {
        for (int i = 0; i < 300; ++i, ++knocks)
          silent.push_back(caf::actor_cast<caf::actor>(
              flood.spawn(stranger, way, client::protocol_version, std::vector<std::string>{},
                          std::make_shared<heard>())));
        std::this_thread::sleep_for(100ms); // The next wave, not a condition.
      }
      for (const auto& each : silent)
        caf::anon_send_exit(each, caf::exit_reason::kill);
    }};
    until("the flood has come", [&] { return knocks > 600; });
    for (int i = 0; i < 3; ++i) {
      const auto begun = std::chrono::steady_clock::now();
      CHECK(read(connect_to({address_of(ports[1])}), 5s).detail == "the node is starting");
      CHECK(std::chrono::steady_clock::now() - begun < 4s);
    }
    is_over = true;
    flooding.join();
    CHECK(two.sees(3));
  }

  TEST_CASE("a client that can reach nobody says so in time, also of changes") {
    system_config settings{2};
    caf::actor_system system{settings};
    const auto db = connect(system, address_of(free_ports(1)[0]));
    REQUIRE(db.ok());
    caf::scoped_actor self{system};
    status told;
    self->request(*db, 20s, upsert_request{"words", {{point_id{1}, {}, {}}}, 300ms})
        .receive([](const write_receipt&) {},
                 [&](const caf::error& why) { told = grape::to_status(why); });
    CHECK(told.code == errc::unavailable);
    CHECK(told.detail.find("no node could be reached") != std::string::npos);
    CHECK(connect(system, "nowhere").error().code == errc::bad_config);
    CHECK(connect(system, client_options{}).error().code == errc::bad_config);
    caf::anon_send_exit(*db, caf::exit_reason::user_shutdown);
  }

  TEST_CASE("so many clients and bytes, and no more") {
    auto home = std::make_shared<house>();
    home->config.http.body_bytes_in_flight_max = 100;
    home->host.now_ms = [] { return std::uint64_t{1}; };
    home->host.now_us = [] { return std::uint64_t{1}; };
    const auto room = std::make_shared<client_room>(home);
    std::vector<std::shared_ptr<client_room::place>> inside;
    const client::places_options limits;
    for (std::size_t i = 0; i < limits.all_max; ++i) {
      auto place = client_room::enter(room, std::to_string(i % 3), 1);
      REQUIRE(place.ok());
      inside.push_back(std::move(*place));
      REQUIRE(inside.back()->attach(1));
    }
    CHECK(client_room::enter(room, "another", 1).error().code == errc::overloaded);
    CHECK(inside[0]->holds(60));
    CHECK_FALSE(inside[1]->holds(60));
    CHECK(inside[0]->holds(10)); // Less is always welcome.
    CHECK(inside[2]->holds(30));
    inside.pop_back();
    CHECK(client_room::enter(room, "another", 1).ok());
    inside[1].reset();
    CHECK(inside[2]->holds(90));
  }

  TEST_CASE("a client without the cluster's certificate is not let in, one with it is") {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto now_s = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    const tls_validity valid{now_s - 3'600, now_s + 3'600};
    testing::temporary_directory folder;
    const auto write = [&folder](const std::string& name, const std::string& text) {
      const auto path = folder.path() + "/" + name;
      std::ofstream{path} << text;
      return path;
    };
    const auto authority = make_tls_authority("ours", valid).value();
    const auto issued = issue_tls_certificate(authority, "n2", valid).value();
    auto configs = cluster_of(free_ports(2));
    auto& peer = configs[1].peer;
    peer.tls_cert = write("n2.pem", issued.certificate);
    peer.tls_key = write("n2-key.pem", issued.key);
    peer.tls_ca = write("ca.pem", authority.certificate);
    REQUIRE(check_peer(peer).ok());
    disk second = formed_disk(2);
    peers_node two{configs[1], second};
    until("it listens", [&] { return two.home->remote->port != 0; });

    const auto reading = [&](const client_options& options) {
      caf::actor_system_config config;
      prepare(config, options);
      caf::actor_system system{config};
      const auto db = connect(system, options);
      REQUIRE_MESSAGE(db.ok(), db.error().detail);
      caf::scoped_actor self{system};
      status told;
      self->request(*db, 20s, get_request{"words", {point_id{1}}, 3s})
          .receive([](const stored_points&) {},
                   [&](const caf::error& why) { told = grape::to_status(why); });
      caf::anon_send_exit(*db, caf::exit_reason::user_shutdown);
      return told;
    };
    client_options options;
    options.nodes = {address_of(peer.port)};
    CHECK(reading(options).detail.find("no node could be reached") != std::string::npos);
    options.tls_cert = peer.tls_cert;
    options.tls_key = peer.tls_key;
    options.tls_ca = peer.tls_ca;
    CHECK(reading(options).detail == "the node is starting");
  }
}
