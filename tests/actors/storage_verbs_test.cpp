#include "core/archive/digest_summary.hpp"
#include "tests/actors/cluster_by_hand.hpp"

#include <algorithm>

using namespace grape;
using namespace grape::actors;

namespace {

void fill(cluster_by_hand& cluster) {
  auto request = deterministic_node::collection_of("words", 2, 3);
  REQUIRE(cluster.ask<changed>(n1, std::move(request)).ok());
  REQUIRE(cluster.ask<write_receipts>(n2, deterministic_node::upsert_of("words", 1, 20, true))
              .ok());
}

storage_report report_of(cluster_by_hand& cluster, node_number through, storage_verb verb,
                         const std::string& checkpoint = {}) {
  storage_request asked;
  asked.verb = verb;
  asked.checkpoint = checkpoint;
  asked.timeout_ms = 2'000;
  auto told = cluster.ask<storage_report>(through, asked);
  REQUIRE_MESSAGE(told.ok(), (told ? std::string{} : to_string(told.error())));
  return *std::move(told);
}

/// All replicas have the same, once followers have applied what they were sent.
std::string digest(cluster_by_hand& cluster) {
  std::string found;
  cluster.until([&] {
    const auto report = report_of(cluster, n3, storage_verb::digest);
    std::map<std::uint32_t, std::set<std::string>> by_shard;
    for (const auto& node : report.nodes)
      for (const auto& one : node.shards)
        by_shard[one.shard].insert(one.digest);
    found = archive::sum_up(report).collections.at("words").text();
    return report.verdict().ok()
           && std::all_of(by_shard.begin(), by_shard.end(),
                          [](const auto& each) { return each.second.size() == 1; });
  });
  return found;
}

} // namespace

TEST_SUITE("actors.storage_verbs") {
  TEST_CASE("a verb is done on every replica, whatever node is asked") {
    cluster_by_hand cluster{3};
    fill(cluster);
    for (const auto verb : {storage_verb::flush, storage_verb::size, storage_verb::compact,
                            storage_verb::warm, storage_verb::sync}) {
      const auto report = report_of(cluster, n2, verb);
      CAPTURE(to_string(verb));
      CHECK(to_string(report.verdict()) == "ok");
      REQUIRE(report.nodes.size() == 3);
      CHECK(report.nodes[0].name == "n1");
      for (const auto& node : report.nodes) {
        REQUIRE(node.shards.size() == 2);
        if (verb == storage_verb::flush)
          CHECK(node.shards[0].durable == node.shards[0].applied);
        if (verb == storage_verb::size)
          CHECK(node.shards[1].store_bytes > 0);
      }
    }
    CHECK(digest(cluster).size() == 32);
  }

  TEST_CASE("each node counts the verbs that it did") {
    cluster_by_hand cluster{3};
    fill(cluster);
    (void)report_of(cluster, n2, storage_verb::flush);
    (void)report_of(cluster, n1, storage_verb::flush);
    for (const auto node : {n1, n2, n3}) {
      const auto told = cluster.ask<metrics_text>(node, metrics_request{});
      REQUIRE(told.ok());
      CHECK(told->text.find(R"(grape_storage_verbs_total{result="done",verb="flush"} 2)")
            != std::string::npos);
    }
  }

  TEST_CASE("a node that cannot be reached is named, and the others do it all the same") {
    cluster_by_hand cluster{3};
    fill(cluster);
    cluster.kill(n3);
    const auto report = report_of(cluster, n1, storage_verb::flush);
    CHECK_FALSE(report.verdict().ok());
    CHECK(report.verdict().detail.find("`n3`") != std::string::npos);
    REQUIRE(report.nodes.size() == 3);
    CHECK(report.nodes[0].result.ok());
    CHECK(report.nodes[1].result.ok());
    CHECK(report.nodes[1].shards.size() == 2);
  }

  TEST_CASE("a checkpoint is on every node, once, and goes from all") {
    cluster_by_hand cluster{3};
    fill(cluster);
    CHECK(to_string(report_of(cluster, n1, storage_verb::checkpoint, "c").verdict()) == "ok");
    CHECK(report_of(cluster, n2, storage_verb::checkpoint, "c").verdict().code
          == errc::already_exists);
    const auto lists = report_of(cluster, n3, storage_verb::list_checkpoints);
    REQUIRE(lists.nodes.size() == 3);
    for (const auto& node : lists.nodes) {
      REQUIRE(node.checkpoints.size() == 1);
      CHECK(node.checkpoints[0].name == "c");
      CHECK(node.checkpoints[0].shards.size() == 2);
      CHECK(node.checkpoints[0].bytes > 0);
    }
    CHECK(report_of(cluster, n3, storage_verb::delete_checkpoint, "c").verdict().ok());
    storage_request again;
    again.verb = storage_verb::delete_checkpoint;
    again.checkpoint = "c";
    CHECK(cluster.ask<storage_report>(n1, again).error().code == errc::not_found);
    for (const auto* bad : {"../meta", "a/b", "."}) {
      again.checkpoint = bad;
      CHECK(cluster.ask<storage_report>(n1, again).error().code == errc::bad_request);
    }
  }
}
