// Goal: a write whose leader is lost between the commit and the answer takes effect once, and its
// client is told so. Method: real nodes in virtual time; the network is cut at chosen moments.

#include "tests/actors/cluster_by_hand.hpp"

using namespace grape;
using namespace grape::actors;

namespace {

/// Three nodes, one shard on each, and who leads it.
struct three_nodes {
  explicit three_nodes(std::uint64_t seed)
    : cluster(3, seed) {
    auto request = deterministic_node::collection_of("words", 1, 3);
    REQUIRE(cluster.ask<changed>(n1, std::move(request)).ok());
    group = cluster.at(n1).home->known.get()->state.find("words")->groups.begin()->second;
    cluster.until([this] { return cluster.leader_of(group).has_value(); });
    leader = *cluster.leader_of(group);
    for (const auto node : {n1, n2, n3})
      if (node != leader)
        (router == node_number{} ? router : third) = node;
  }

  using answers = std::shared_ptr<std::vector<outcome<write_receipts>>>;

  answers write(node_number through, std::uint64_t id, bool wait = true) {
    auto came = std::make_shared<std::vector<outcome<write_receipts>>>();
    cluster.at(through).door.ask(
        deterministic_node::upsert_of("words", id, 1, wait),
        reply_to<write_receipts>{[came](auto one) { came->push_back(std::move(one)); }});
    return came;
  }

  std::uint64_t version_of(std::uint64_t id) {
    query_request request;
    request.collection = "words";
    request.query = nearest_query{vector_value{dense_vector{1.0F, 0.0F}}};
    request.limit = 100;
    const auto found = cluster.ask<query_reply>(router, request);
    REQUIRE(found.ok());
    for (const auto& hit : found->points)
      if (hit.point.id == point_id{id})
        return hit.point.version;
    FAIL("the point is not there");
    return 0;
  }

  bool counts(const std::string& series) {
    const auto text = cluster.at(router).home->metrics.series().text();
    const auto at = text.find("\n" + series + " ");
    REQUIRE(at != std::string::npos);
    return text[at + series.size() + 2] != '0';
  }

  /// Cuts the way back once the leader was given a write: it commits, and nobody hears of it.
  void lose_answer() {
    cluster.network().watch = [this](node_number, node_number to, const link_question& asked) {
      if (to == leader && asked.to == link::addressee::shard && asked.group == group)
        cluster.cut(leader, router, false);
    };
  }

  cluster_by_hand cluster;
  group_id group;
  node_number leader;
  node_number router{};
  node_number third{};
};

} // namespace

TEST_SUITE("actors.cluster_retry") {
  TEST_CASE("an explained search names who answered, and who was asked in vain before") {
    three_nodes at{4};
    const auto wrote = at.write(at.router, 7);
    at.cluster.until([&] { return !wrote->empty(); });
    query_request request;
    request.collection = "words";
    request.query = nearest_query{vector_value{dense_vector{1.0F, 0.0F}}};
    request.limit = 1;
    request.read.explain = true;
    const auto first = at.cluster.ask<query_reply>(at.router, request);
    REQUIRE(first.ok());
    const auto& told = first->explain.value();
    CHECK(told.target_nodes == std::vector{at.leader.value});
    CHECK(told.fallback_nodes.size() == 2);
    REQUIRE(told.shards.size() == 1);
    CHECK(told.shards[0].replica == at.leader.value);
    CHECK_FALSE(told.shards[0].retried);

    at.cluster.cut(at.router, at.leader);
    const auto second = at.cluster.ask<query_reply>(at.router, request);
    REQUIRE_MESSAGE(second.ok(), to_string(second.error()));
    const auto& again = second->explain.value().shards.at(0);
    CHECK(again.replica != at.leader.value);
    CHECK(again.asked.front() == at.leader.value);
    CHECK(again.retried);
  }

  TEST_CASE("a write that was committed before its leader died is answered by the next one") {
    for (std::uint64_t seed = 1; seed <= 10; ++seed)
      for (const bool wait : {true, false}) {
        CAPTURE(seed);
        CAPTURE(wait);
        three_nodes at{seed};
        at.lose_answer();
        const auto answer = at.write(at.router, 7, wait);
        at.cluster.advance(150); // Enough for the commit, on the leader and the third node.
        CHECK(answer->empty());
        at.cluster.kill(at.leader);
        at.cluster.network().watch = nullptr;
        at.cluster.heal();

        at.cluster.until([&] { return !answer->empty(); }, 9'000);

        REQUIRE_MESSAGE(answer->front().ok(), to_string(answer->front().error()));
        CHECK(answer->front()->receipts.at(0).operation_id == at.version_of(7));
        CHECK(at.counts("grape_router_repeated_writes_total"));
      }
  }

  TEST_CASE("a write that never left its leader is taken by the next one") {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      CAPTURE(seed);
      three_nodes at{seed};
      at.cluster.cut(at.leader, at.third);
      at.lose_answer();
      const auto answer = at.write(at.router, 7);
      at.cluster.advance(20);
      at.cluster.kill(at.leader);
      at.cluster.network().watch = nullptr;
      at.cluster.heal();

      at.cluster.until([&] { return !answer->empty(); }, 9'000);

      REQUIRE_MESSAGE(answer->front().ok(), to_string(answer->front().error()));
      CHECK(answer->front()->receipts.at(0).operation_id == at.version_of(7));
    }
  }

  TEST_CASE("a write whose schema changed before it was asked about is answered, not refused") {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      CAPTURE(seed);
      three_nodes at{seed};
      at.lose_answer();
      const auto first = at.write(at.router, 7);
      at.cluster.advance(100);
      REQUIRE(first->empty());
      // The router is alone; the others make an index.
      at.cluster.network().watch = nullptr;
      at.cluster.cut(at.router, at.leader);
      at.cluster.cut(at.router, at.third);
      create_field_index_request index;
      index.collection = "words";
      index.field = "city";
      index.schema.type = field_type::keyword;
      const auto made = at.cluster.ask<write_receipt>(at.third, index);
      REQUIRE_MESSAGE(made.ok(), (made ? std::string{} : to_string(made.error())));
      at.cluster.heal();

      at.cluster.until([&] { return !first->empty(); }, 9'000);

      REQUIRE_MESSAGE(first->front().ok(), to_string(first->front().error()));
      CHECK(first->front()->receipts.at(0).operation_id == at.version_of(7));
    }
  }

  TEST_CASE("a retry changes nothing that others have written since") {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      CAPTURE(seed);
      three_nodes at{seed};
      at.lose_answer();
      const auto first = at.write(at.router, 7);
      at.cluster.advance(100);
      REQUIRE(first->empty());
      // The router is alone; the others go on without it.
      at.cluster.network().watch = nullptr;
      at.cluster.cut(at.router, at.leader);
      at.cluster.cut(at.router, at.third);
      const auto second = at.write(at.third, 7);
      at.cluster.until([&] { return !second->empty(); }, 9'000);
      REQUIRE_MESSAGE(second->front().ok(), to_string(second->front().error()));
      at.cluster.heal();

      at.cluster.until([&] { return !first->empty(); }, 9'000);

      REQUIRE_MESSAGE(first->front().ok(), to_string(first->front().error()));
      CHECK(first->front()->receipts.at(0).operation_id
            < second->front()->receipts.at(0).operation_id);
      CHECK(at.version_of(7) == second->front()->receipts.at(0).operation_id);
    }
  }
}
