#include "tests/actors/cluster_by_hand.hpp"

#include <algorithm>

using namespace grape;
using namespace grape::actors;

namespace {

void create(cluster_by_hand& cluster, const std::string& name, std::uint32_t shards,
            std::uint32_t factor) {
  auto request = deterministic_node::collection_of(name, shards, factor);
  const auto made = cluster.ask<changed>(n1, std::move(request));
  REQUIRE_MESSAGE(made.ok(), (made ? std::string{} : to_string(made.error())));
}

template <class Reply, class Request>
Reply shown(cluster_by_hand& cluster, node_number through, Request request) {
  auto told = cluster.ask<Reply>(through, std::move(request));
  REQUIRE_MESSAGE(told.ok(), (told ? std::string{} : to_string(told.error())));
  return *std::move(told);
}

collection_cluster placement(cluster_by_hand& cluster, node_number through) {
  return shown<collection_cluster>(cluster, through, collection_cluster_request{"words"});
}

bool has_findings(cluster_by_hand& cluster, node_number through, const std::string& kind) {
  const auto report = shown<health_report>(cluster, through, check_health_request{});
  return std::any_of(report.findings.begin(), report.findings.end(),
                     [&kind](const finding& one) { return one.kind == kind; });
}

std::string refusal(cluster_by_hand& cluster, node_number through, change_replicas_request what) {
  const auto done = cluster.ask<cluster_changed>(through, std::move(what));
  REQUIRE_FALSE(done.ok());
  return to_string(done.error());
}

} // namespace

TEST_SUITE("actors.cluster_api") {
  TEST_CASE("every node shows the same cluster, and itself in it") {
    cluster_by_hand cluster{3};
    std::set<node_number> leading;
    for (const auto node : {n1, n2, n3}) {
      cluster.until([&] {
        return shown<cluster_status>(cluster, node, cluster_status_request{})
            .consensus.leader.has_value();
      });
      const auto told = shown<cluster_status>(cluster, node, cluster_status_request{});
      CHECK(told.enabled);
      CHECK(told.self == node);
      REQUIRE(told.peers.size() == 3);
      CHECK(told.peers[2].number == n3);
      CHECK(told.consensus.is_voter);
      CHECK(told.consensus.raft.term > term{});
      CHECK(told.consensus.raft.commit > log_index{});
      CHECK(told.consensus.failure.empty());
      CHECK(told.told_unix_ms > 0);
      if (told.consensus.raft.role == "leader")
        leading.insert(node);

      const auto nodes = shown<node_list>(cluster, node, list_nodes_request{}).nodes;
      REQUIRE(nodes.size() == 3);
      for (const auto& each : nodes) {
        CHECK(each.state == "active");
        CHECK(each.connected);
        CHECK(each.is_self == (each.number == node));
      }
    }
    CHECK(leading.size() == 1);
  }

  TEST_CASE("every node shows where the shards are, with its own replicas' standing") {
    cluster_by_hand cluster{3};
    create(cluster, "words", 2, 2);
    const auto written =
        cluster.ask<write_receipts>(n2, deterministic_node::upsert_of("words", 1, 20, true));
    REQUIRE(written.ok());
    cluster.until([&] {
      for (const auto node : {n1, n2, n3})
        for (const auto& each : placement(cluster, node).local)
          if (each.standing != replica_standing::active)
            return false;
      return true;
    });

    std::map<shard_id, std::set<std::uint64_t>> points;
    std::map<shard_id, std::size_t> leaders;
    std::set<std::set<std::pair<shard_id, node_number>>> pictures;
    for (const auto node : {n1, n2, n3}) {
      const auto told = placement(cluster, node);
      CHECK(told.self == node);
      CHECK(told.shard_count == 2);
      CHECK(told.moves.empty());
      std::set<std::pair<shard_id, node_number>> picture;
      for (const auto& each : told.local) {
        picture.insert({each.shard, node});
        points[each.shard].insert(each.points);
        REQUIRE(each.raft.has_value());
        CHECK(each.raft->term > term{});
        leaders[each.shard] += each.raft->role == "leader" ? 1 : 0;
      }
      for (const auto& each : told.remote) {
        picture.insert({each.shard, each.node});
        CHECK(each.standing == replica_standing::active);
      }
      CHECK(picture.size() == 4);
      pictures.insert(picture);

      const auto shards = shown<shard_list>(cluster, node, list_shards_request{}).shards;
      REQUIRE(shards.size() == 2);
      CHECK(shards[1].collection == "words");
      CHECK(shards[1].replicas.size() == 3); // With its witness.

      for (const auto& group : shown<group_list>(cluster, node, list_groups_request{}).groups) {
        CHECK(group.failure.empty());
        CHECK((group.raft.role.empty() || group.voters.size() == 3)); // Empty: it has not begun.
        CHECK(group.progress.empty() == (group.raft.role != "leader"));
      }
    }
    CHECK(pictures.size() == 1);
    for (const auto& [shard, counts] : points)
      CHECK(counts.size() == 1);
  }

  TEST_CASE("a node that dies is found by those that are left") {
    cluster_by_hand cluster{3};
    create(cluster, "words", 1, 3);
    const auto words =
        cluster.at(n1).home->known.get()->state.find("words")->groups.begin()->second;
    cluster.until([&] {
      for (const auto node : {n1, n2, n3})
        if (!shown<health_report>(cluster, node, check_health_request{}).findings.empty())
          return false;
      return true;
    });

    cluster.kill(n3);
    for (const auto node : {n1, n2}) // Their detectors, played by hand.
      cluster.at(node).home->peers.change(n3, [](peer_table::peer& is) { is.connected = false; });

    for (const auto node : {n1, n2}) {
      CHECK(has_findings(cluster, node, "node_not_connected"));
      CHECK(has_findings(cluster, node, "shard_under_replicated"));
      CHECK_FALSE(has_findings(cluster, node, "shard_without_majority"));
      const auto told = placement(cluster, node);
      CHECK(std::any_of(told.remote.begin(), told.remote.end(), [](const remote_shard& one) {
        return one.node == n3 && one.standing == replica_standing::dead;
      }));
    }
    cluster.until([&] { return cluster.leader_of(words).has_value(); });
    CHECK_FALSE(has_findings(cluster, n1, "shard_without_leader"));
  }

  TEST_CASE("moves are begun and given up through any node, and seen on all") {
    cluster_by_hand cluster{3};
    create(cluster, "words", 1, 1);
    const auto at_first = placement(cluster, n1);
    const auto from = at_first.local.empty() ? at_first.remote.front().node : n1;
    const auto to = from == n3 ? n2 : n3;
    const auto asked = move_shard{shard_id{0}, from, to};

    CHECK(refusal(cluster, n2, {"words", move_shard{shard_id{4}, from, to}})
          == "bad_request: Shard 4 of words does not exist");
    CHECK(refusal(cluster, n2, {"verbs", asked}) == "not_found: Collection `verbs` doesn't exist!");
    REQUIRE(cluster.ask<cluster_changed>(n2, change_replicas_request{"words", asked}).ok());
    for (const auto node : {n1, n2, n3}) {
      cluster.until([&] { return placement(cluster, node).moves.size() == 1; });
      const auto told = placement(cluster, node).moves.front();
      CHECK(told.from == from);
      CHECK(told.to == to);
    }
    REQUIRE(cluster
                .ask<cluster_changed>(
                    n3, change_replicas_request{"words", abort_transfer{shard_id{0}, from, to}})
                .ok());
    cluster.until([&] {
      const auto told = placement(cluster, n1).moves;
      return told.empty() || told.front().stage == "undoing";
    });
  }

  TEST_CASE("nodes are drained and taken back through any node") {
    cluster_by_hand cluster{3};
    const auto state_of_n3 = [&cluster](node_number through) {
      return shown<node_list>(cluster, through, list_nodes_request{}).nodes.at(2).state;
    };

    REQUIRE(
        cluster
            .ask<cluster_changed>(n2, change_node_request{.which = "n3", .wish = node_wish::drain})
            .ok());
    for (const auto node : {n1, n2, n3})
      cluster.until([&] { return state_of_n3(node) == "draining"; });
    REQUIRE(
        cluster
            .ask<cluster_changed>(n3, change_node_request{.which = n3, .wish = node_wish::activate})
            .ok());
    for (const auto node : {n1, n2, n3})
      cluster.until([&] { return state_of_n3(node) == "active"; });
    const auto nobody = cluster.ask<cluster_changed>(n1, change_node_request{.which = "n9"});
    CHECK(nobody.error().code == errc::not_found);
  }

  TEST_CASE("a collection's description says what the nodes cannot give it") {
    cluster_by_hand cluster{3};
    create(cluster, "words", 1, 5);

    const auto told =
        shown<collection_description>(cluster, n2, describe_collection_request{"words"});

    CHECK(told.schema.options.replication_factor == 5);
    REQUIRE(told.warnings.size() == 1);
    CHECK(told.warnings[0].starts_with("replication_factor is 5, but a shard has only 3"));
  }

  TEST_CASE("who is alone is no cluster, and shows its shards all the same") {
    storage::faulty_files disk{1};
    deterministic_node node{disk};
    create_collection_request request;
    request.collection = "words";
    request.options.vectors[""].size = 2;
    request.options.shard_number = 2;
    REQUIRE(node.ask<changed>(std::move(request)).ok());

    CHECK_FALSE(node.ask<cluster_status>(cluster_status_request{})->enabled);
    const auto told = node.ask<collection_cluster>(collection_cluster_request{"words"});
    REQUIRE(told.ok());
    CHECK(told->local.size() == 2);
    CHECK(told->local[0].standing == replica_standing::active);
    CHECK(told->remote.empty());
    CHECK_FALSE(
        node.ask<cluster_changed>(change_replicas_request{"words", drop_replica{shard_id{0}, n1}})
            ->in_cluster);
    CHECK_FALSE(node.ask<cluster_changed>(change_node_request{.which = "n1"})->in_cluster);
    CHECK(node.ask<health_report>(check_health_request{})->findings.empty());
  }
}
