// Goal: when a node's process is gone, whoever it led is led by another node within a few hundred
// milliseconds, and writes go on; a node that alone lost its connection to a leader changes
// nothing. Method: real nodes in virtual time.

#include "tests/actors/cluster_by_hand.hpp"

#include <algorithm>
#include <array>
#include <vector>

using namespace grape;
using namespace grape::actors;

namespace {

constexpr std::array every_node{node_number{1}, node_number{2}, node_number{3}};
constexpr std::uint64_t failover_ms_max = 300;

group_id create(cluster_by_hand& cluster) {
  create_collection_request request;
  request.collection = "words";
  request.options.single_unnamed = true;
  request.options.vectors[""].size = 2;
  request.options.vectors[""].distance = metric::dot;
  request.options.shard_number = 1;
  request.options.replication_factor = 3;
  REQUIRE(cluster.ask<changed>(every_node[0], std::move(request)).ok());
  const auto known = cluster.at(every_node[0]).home->known.get();
  const auto group = known->state.find("words")->groups.begin()->second;
  cluster.until([&] { return cluster.leader_of(group).has_value(); });
  return group;
}

using answers = std::shared_ptr<std::vector<outcome<write_receipts>>>;

answers write(cluster_by_hand& cluster, node_number through, std::uint64_t id) {
  auto came = std::make_shared<std::vector<outcome<write_receipts>>>();
  cluster.at(through).door.ask(
      deterministic_node::upsert_of("words", id, 1, true),
      reply_to<write_receipts>{[came](auto one) { came->push_back(std::move(one)); }});
  return came;
}

std::vector<node_number> others_than(node_number one) {
  std::vector<node_number> all(every_node.begin(), every_node.end());
  std::erase(all, one);
  return all;
}

} // namespace

TEST_SUITE("actors.cluster_failover") {
  TEST_CASE("a killed leader is replaced, and writes through both others are answered, at once") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(seed);
      cluster_by_hand cluster{3, seed};
      const auto group = create(cluster);
      const auto leader = *cluster.leader_of(group);
      cluster.advance(seed * 7); // At any place between two ticks.
      std::vector<answers> asked;
      for (const auto node : others_than(leader))
        asked.push_back(write(cluster, node, node.value)); // Under way, perhaps, when it dies.
      if (seed % 2 == 0)
        cluster.advance(1);

      cluster.kill_seen_by_all(leader);
      for (const auto node : others_than(leader))
        asked.push_back(write(cluster, node, 10 + node.value));

      cluster.until(
          [&] {
            return std::all_of(asked.begin(), asked.end(),
                               [](const auto& one) { return !one->empty(); });
          },
          failover_ms_max);
      for (const auto& one : asked)
        CHECK_MESSAGE(one->front().ok(), to_string(one->front().error()));
    }
  }

  TEST_CASE("so is the leader of the metadata group") {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      CAPTURE(seed);
      cluster_by_hand cluster{3, seed};
      cluster.advance(1'000 + seed * 7);
      cluster.until([&] { return cluster.leader_of(cluster::metadata_group).has_value(); });
      const auto leader = *cluster.leader_of(cluster::metadata_group);

      cluster.kill_seen_by_all(leader);

      cluster.until(
          [&] {
            const auto now = cluster.leader_of(cluster::metadata_group);
            return now && *now != leader;
          },
          failover_ms_max);
    }
  }

  TEST_CASE("a leader whose connection to one follower ended leads on, awake or asleep") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(seed);
      cluster_by_hand cluster{3, seed};
      const auto group = create(cluster);
      const auto leader = *cluster.leader_of(group);
      const auto wrote = write(cluster, leader, 1);
      cluster.until([&] { return !wrote->empty(); });
      cluster.advance(seed % 2 == 0 ? 500 : 10'000); // Then it sleeps.
      CHECK(cluster.at(leader).home->awake.all().contains(group) == (seed % 2 == 0));
      const auto follower = others_than(leader)[seed / 2 % 2];

      cluster.cut(leader, follower);
      cluster.connection_ends(leader, follower);
      cluster.connection_ends(follower, leader);
      cluster.advance(900); // All that it tries before an election timeout.

      for (const auto node : every_node)
        if (node != follower)
          CHECK(cluster.at(node).home->leaders.of(group) == leader);
    }
  }
}
