#include "tests/actors/cluster_by_hand.hpp"

#include <set>

using namespace grape;
using namespace grape::actors;

namespace {

/// Writers and readers at all nodes while nodes die, come back and are cut off.
struct storm {
  explicit storm(std::uint64_t seed)
    : random(seed)
    , cluster(3, seed) {}

  void create() {
    auto request =
        deterministic_node::collection_of("words", 2, static_cast<std::uint32_t>(2 + random() % 2));
    REQUIRE(cluster.ask<changed>(node_number{1}, std::move(request)).ok());
  }

  node_number any() { return node_number{static_cast<std::uint32_t>(1 + random() % 3)}; }

  void write() {
    const auto whom = any();
    if (!cluster.runs(whom))
      return;
    const auto id = ++last_id;
    cluster.at(whom).door.ask(deterministic_node::upsert_of("words", id, 1, random() % 2 == 0),
                              reply_to<write_receipts>{[this, id](const auto& answer) {
                                if (answer)
                                  acknowledged.insert(id);
                                else if (answer.error().code != errc::commit_unknown)
                                  refused.insert(id);
                              }});
  }

  /// A linearizable count sees all that was acknowledged before, and nothing that was refused.
  void read() {
    const auto whom = any();
    if (!cluster.runs(whom))
      return;
    auto request = deterministic_node::records_of("words", {});
    const auto before = acknowledged;
    for (const auto id : before)
      request.ids.push_back(point_id{id});
    if (request.ids.empty())
      return;
    cluster.at(whom).door.ask(std::move(request),
                              reply_to<retrieve_reply>{[this, before](const auto& answer) {
                                if (!answer)
                                  return;
                                ++reads;
                                CHECK(answer->points.size() == before.size());
                              }});
  }

  void strike() {
    const auto whom = any();
    switch (random() % 6) {
      case 0:
        if (cluster.runs(whom) && running() == 3)
          cluster.kill(whom);
        break;
      case 1:
        for (std::uint32_t i = 1; i <= 3; ++i)
          if (!cluster.runs(node_number{i}))
            cluster.start(node_number{i});
        break;
      case 2: cluster.cut(whom, any()); break;
      case 3: cluster.cut(whom, any(), false); break;
      default: cluster.heal(); break;
    }
  }

  std::size_t running() const {
    std::size_t count = 0;
    for (std::uint32_t i = 1; i <= 3; ++i)
      count += cluster.runs(node_number{i}) ? 1 : 0;
    return count;
  }

  void calm_down() {
    cluster.heal();
    for (std::uint32_t i = 1; i <= 3; ++i)
      if (!cluster.runs(node_number{i}))
        cluster.start(node_number{i});
    cluster.advance(15'000);
  }

  std::mt19937_64 random;
  cluster_by_hand cluster;
  std::uint64_t last_id = 0;
  std::set<std::uint64_t> acknowledged;
  std::set<std::uint64_t> refused;
  std::size_t reads = 0;
};

} // namespace

TEST_SUITE("actors.cluster_storm") {
  // Goal: whatever happens to nodes and the network, nothing acknowledged is lost, nothing refused
  // appears, and every node tells the same in the end.
  TEST_CASE("storms of kills and cuts lose nothing acknowledged") {
    std::size_t acknowledged = 0;
    std::size_t reads = 0;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      CAPTURE(seed);
      storm one{seed};
      one.create();
      for (int step = 0; step < 60; ++step) {
        for (int i = 0; i < 3; ++i)
          one.write();
        one.read();
        if (one.random() % 4 == 0)
          one.strike();
        one.cluster.advance(one.random() % 400);
      }
      one.calm_down();
      for (std::uint32_t node = 1; node <= 3; ++node) {
        auto all = deterministic_node::records_of("words", {});
        for (std::uint64_t id = 1; id <= one.last_id; ++id)
          all.ids.push_back(point_id{id});
        const auto found = one.cluster.ask<retrieve_reply>(node_number{node}, std::move(all));
        REQUIRE_MESSAGE(found.ok(), (found ? std::string{} : to_string(found.error())));
        std::set<std::uint64_t> there;
        for (const auto& record : found->points)
          there.insert(record.id.number());
        for (const auto id : one.acknowledged)
          CHECK(there.contains(id));
        for (const auto id : one.refused)
          CHECK_FALSE(there.contains(id));
      }
      acknowledged += one.acknowledged.size();
      reads += one.reads;
    }
    CHECK(acknowledged > 200);
    CHECK(reads > 50);
  }
}
