// Two of three disks are lost at a time: the third goes on, because a person says so.

#include "tests/actors/cluster_by_hand.hpp"

#include <algorithm>

using namespace grape;
using namespace grape::actors;

namespace {

void create(cluster_by_hand& cluster, const std::string& name) {
  auto request = deterministic_node::collection_of(name, 2, 3);
  const auto made = cluster.ask<changed>(n1, std::move(request));
  REQUIRE_MESSAGE(made.ok(), (made ? std::string{} : to_string(made.error())));
}

void die(cluster_by_hand& cluster, node_number which) {
  cluster.kill(which);
  for (const auto other : {n1, n2, n3})
    if (other != which && cluster.runs(other))
      cluster.at(other).home->peers.change(which, [](auto& peer) {
        peer.connected = false;
        peer.health = cluster::health::silent;
      });
  for (const auto other : {n1, n2, n3}) // As the detector does: groups that sleep wake up.
    if (cluster.runs(other))
      cluster.at(other).home->board.for_each("raft_group/", [which](const auto&, const auto& who) {
        caf::anon_send(caf::actor_cast<caf::actor>(who), peer_health_changed{which});
      });
}

} // namespace

TEST_SUITE("actors.lost_majority") {
  TEST_CASE(
      "the last of three goes on with all that was acknowledged, and forms no quorum before") {
    for (const auto last : {n1, n2, n3}) {
      CAPTURE(last.value);
      cluster_by_hand cluster{3, last.value};
      create(cluster, "words");
      const auto written =
          cluster.ask<write_receipts>(n1, deterministic_node::upsert_of("words", 1, 20, true));
      REQUIRE(written.ok());
      cluster.advance(2'000); // Everybody has it.
      recover_request wish;
      for (const auto other : {n1, n2, n3})
        if (other != last) {
          die(cluster, other);
          wish.lost.push_back("n" + std::to_string(other.value));
        }
      cluster.advance(5'000);
      CHECK_FALSE(cluster.leader_of(cluster::metadata_group) == last);
      auto half = wish;
      half.lost.pop_back();
      const auto refused = cluster.ask<recover_reply>(last, half);
      REQUIRE_FALSE(refused.ok());
      CHECK(refused.error().detail.find("does not answer either") != std::string::npos);

      const auto told = cluster.ask<recover_reply>(last, wish);
      REQUIRE_MESSAGE(told.ok(), (told ? std::string{} : to_string(told.error())));
      CHECK(told->told.size() == 3); // The control plane and two shards.
      for (const auto& each : told->told)
        CHECK_MESSAGE(each.find("goes on from the copy here") != std::string::npos, each);
      const auto& nodes = cluster.at(last).home->known.get()->state.nodes();
      CHECK(std::count_if(
                nodes.begin(), nodes.end(),
                [](const auto& node) { return node.second.state == cluster::node_state::expected; })
            == 2);

      const auto again =
          cluster.ask<write_receipts>(last, deterministic_node::upsert_of("words", 21, 5, true));
      REQUIRE_MESSAGE(again.ok(), (again ? std::string{} : to_string(again.error())));
      const auto counted = cluster.ask<count_reply>(last, deterministic_node::count_of("words"));
      REQUIRE(counted.ok());
      CHECK(counted->count == 25);
      cluster.kill(last);
      cluster.start(last);
      cluster.until([&] { return cluster.at(last).home->ready.load(); }, 60'000);
      const auto later = cluster.ask<count_reply>(last, deterministic_node::count_of("words"));
      REQUIRE(later.ok());
      CHECK(later->count == 25);
    }
  }
}
