// Goal: what was acknowledged of collections and their keys holds on every node at once. Method:
// real nodes in virtual time; the moment of the answer is looked at.

#include "tests/actors/cluster_by_hand.hpp"

using namespace grape;
using namespace grape::actors;

namespace {

/// A cluster, and how it looks when a change is acknowledged.
struct watched {
  explicit watched(std::uint64_t seed)
    : cluster(3, seed) {}

  using holds = std::function<bool(const cluster::metadata&)>;

  /// Asks node 1; `everywhere` must hold on each node when the answer comes.
  template <class Request>
  void change(Request request, const holds& everywhere) {
    std::optional<outcome<changed>> told;
    cluster.at(n1).door.ask(std::move(request), looking(told, everywhere));
    wait(told);
  }

  void commit(cluster::metadata_command command, const holds& everywhere) {
    std::optional<outcome<changed>> told;
    cluster.at(n1).door.commit(std::move(command), looking(told, everywhere));
    wait(told);
  }

  reply_to<changed> looking(std::optional<outcome<changed>>& told, const holds& everywhere) {
    return [this, &told, everywhere](outcome<changed> one) {
      for (const auto node : {n1, node_number{2}, node_number{3}})
        CHECK(everywhere(cluster.at(node).home->known.get()->state));
      told = std::move(one);
    };
  }

  void wait(const std::optional<outcome<changed>>& told) {
    cluster.until([&told] { return told.has_value(); });
    REQUIRE_MESSAGE(told->ok(), (*told ? std::string{} : to_string(told->error())));
  }

  static collection_options by_keys() {
    collection_options options;
    options.vectors[""].size = 2;
    options.vectors[""].distance = metric::dot;
    options.shard_number = 1;
    options.replication_factor = 2;
    options.echoed_params.set("sharding_method", payload::value{"custom"});
    return options;
  }

  cluster_by_hand cluster;
};

bool has_key(const cluster::metadata& known, const std::string& collection) {
  const auto* entry = known.find_exact(collection);
  return entry != nullptr && entry->keys.contains("a");
}

} // namespace

TEST_SUITE("actors.cluster_keys") {
  TEST_CASE("what is acknowledged of a collection and its keys is known everywhere") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      CAPTURE(seed);
      watched all{seed};
      const auto exists = [](const auto& known) { return known.find("cats") != nullptr; };
      all.change(create_collection_request{"cats", watched::by_keys()}, exists);
      all.change(change_shard_keys_request{"cats", add_shard_key{.key = "a"}},
                 [](const auto& known) { return has_key(known, "cats"); });
      all.change(change_shard_keys_request{"cats", remove_shard_key{"a"}},
                 [](const auto& known) { return !has_key(known, "cats"); });
      all.change(change_aliases_request{{create_alias{"cats", "pets"}}},
                 [](const auto& known) { return known.find("pets") != nullptr; });
      all.change(delete_collection_request{"cats"},
                 [exists](const auto& known) { return !exists(known); });
    }
  }

  TEST_CASE("nobody waits for the keys of a collection that a recovery fills") {
    watched all{6};
    all.change(create_collection_request{"cats", watched::by_keys()},
               [](const auto&) { return true; });
    const auto schema = all.cluster.at(n1).home->known.get()->state.find("cats")->schema;
    const cluster::recovery_owner by{n1, 1, 1};
    const auto hidden = cluster::hidden_name("cats", by);
    const auto here_at_least = [](const auto&) { return true; };
    all.commit(cluster::stage_collection{"cats", schema, by}, here_at_least);
    const auto began_ms = all.cluster.at(n1).now_ms;
    all.commit(cluster::create_shard_key{hidden, {.key = "a", .shards = 1}}, here_at_least);

    CHECK(has_key(all.cluster.at(n1).home->known.get()->state, hidden));
    CHECK(all.cluster.at(n1).now_ms - began_ms < 1'000);
  }

  TEST_CASE("shards that any node of a cluster could not open are refused through each of them") {
    cluster_by_hand cluster{3, 1, [](house& home) {
                              home.host.replicas_max = home.config.node.id == "n3" ? 2 : 9;
                            }};
    cluster.until([&cluster] {
      const auto& nodes = cluster.at(n1).home->known.get()->state.nodes();
      return std::all_of(nodes.begin(), nodes.end(),
                         [](const auto& one) { return one.second.replicas_max > 0; });
    });

    REQUIRE(cluster.ask<changed>(n1, deterministic_node::collection_of("words", 2, 3)).ok());
    const auto refused = cluster.ask<changed>(n2, deterministic_node::collection_of("cats", 1, 3));

    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == errc::no_space);
    CHECK(refused.error().detail.starts_with("node `n3` can open 2 replicas of shards and has 2"));
    CHECK(cluster.ask<changed>(n3, deterministic_node::collection_of("cats", 1, 2)).ok());
  }

  TEST_CASE("who makes a key waits for it as long as he said, and is told that it may still come") {
    cluster_by_hand cluster{3};
    auto made = deterministic_node::collection_of("cats");
    made.options.echoed_params.set("sharding_method", payload::value{"custom"});
    REQUIRE(cluster.ask<changed>(n1, made).ok());
    cluster.kill(n2);
    cluster.kill(n3);
    const auto before_ms = cluster.at(n1).now_ms;

    const auto told = cluster.ask<changed>(
      n1, change_shard_keys_request{
            .collection = "cats", .what = add_shard_key{.key = "eu"}, .timeout_ms = 2'000});

    REQUIRE_FALSE(told.ok());
    CHECK(told.error().code == errc::commit_unknown);
    CHECK(told.error().detail.find("Timeout set at: 2 seconds") != std::string::npos);
    CHECK(cluster.at(n1).now_ms - before_ms < 2'500);
  }
}
