#include "tests/actors/deterministic_house.hpp"

#include "actors/remote/detector.hpp"
#include "actors/remote/peer_room.hpp"
#include "actors/remote/remote.hpp"

using namespace grape;
using namespace grape::actors;

namespace {

constexpr node_number n2{2};
constexpr node_number n3{3};

using told_actor = caf::typed_actor<caf::reacts_to<peer_health_changed>>;

/// DETECTOR of node 1, who hears nodes 2 and 3, and a group that is told.
struct watching_house : deterministic_system {
  watching_house() {
    home->host.now_ms = [this] { return now_ms; };
    home->remote = std::make_shared<peer_room>();
    for (const auto node : {n2, n3})
      home->remote->heard.watch(node, now_ms);
    const auto group = system.spawn([this](told_actor::pointer) -> told_actor::behavior_type {
      return {[this](const peer_health_changed& news) { told.push_back(news.node); }};
    });
    home->board.put(role::raft_group(group_id{7}), caf::actor_cast<caf::strong_actor_ptr>(group));
    detector = spawn_detector(system, home);
    settle();
  }

  ~watching_house() {
    caf::anon_send_exit(detector, caf::exit_reason::user_shutdown);
    settle();
    home->board.clear();
  }

  void lose(node_number node) {
    home->remote->heard.lost(node);
    caf::anon_send(home->board.get<own_detector_actor>(role::detector), connection_ended{node});
    settle();
  }

  std::shared_ptr<house> home = std::make_shared<house>();
  detector_actor detector;
  std::vector<node_number> told;
};

} // namespace

TEST_SUITE("actors.detector") {
  TEST_CASE_FIXTURE(watching_house, "a connection that ends is told without waiting for a look") {
    advance(10);

    lose(n2);

    CHECK(told == std::vector{n2});
    CHECK(home->peers.look(n2).health == cluster::health::suspect);
    CHECK(home->peers.look(n3).health == cluster::health::alive);
    advance(300); // Nothing of it is told twice.
    CHECK(told == std::vector{n2});
  }

  TEST_CASE_FIXTURE(watching_house, "also of a node that was not trusted before") {
    lose(n2);
    lose(n2);

    CHECK(told == std::vector{n2, n2});
  }

  TEST_CASE_FIXTURE(watching_house, "a node that is heard again meanwhile is not told of") {
    home->remote->heard.lost(n2);
    home->remote->heard.heard(n2, now_ms);

    caf::anon_send(home->board.get<own_detector_actor>(role::detector), connection_ended{n2});
    settle();

    CHECK(told.empty());
  }
}
