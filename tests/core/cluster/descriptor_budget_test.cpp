#include "core/cluster/descriptor_budget.hpp"

#include "core/storage/open_files.hpp"
#include "tests/core/cluster/small_cluster.hpp"
#include "tests/support/golden.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace grape;
using namespace grape::cluster;

namespace {

/// Three nodes that said how many replicas they can hold, and `words`, of 2 shards with 3 each.
metadata with_room_for(std::uint32_t replicas) {
  auto state = small_cluster(3, 2, 3);
  for (std::uint32_t i = 1; i <= 3; ++i)
    must(state, change_node{.number = node_number{i},
                            .peer_address = "p",
                            .http_address = "h",
                            .incarnation = 2,
                            .replicas_max = replicas});
  return state;
}

create_collection named(const std::string& name, std::uint32_t shards, std::uint32_t factor) {
  create_collection made{name, {}};
  made.options.vectors[""].size = 4;
  made.options.shard_number = shards;
  made.options.replication_factor = factor;
  return made;
}

std::string refusal(metadata& state, const metadata_command& command) {
  const auto before = state;
  const auto done = state.apply(command);
  if (!done)
    CHECK(state == before);
  return done ? std::string{} : to_string(done.error());
}

constexpr placement_limits no_limits{.in_max = 1'000'000, .out_max = 1'000'000};

constexpr const char* n1_is_full
  = "no_space: node `n1` can open 3 replicas of shards and has 3: 1 more need a higher limit on "
    "its open files (`ulimit -n`), and a restart";

} // namespace

TEST_SUITE("core.cluster.descriptor_budget") {
  TEST_CASE("whatever the limit, replicas, files that are read and clients fit into it together") {
    for (std::uint64_t limit = 256; limit < 2'000'000; limit += 1 + limit / 7)
      for (const std::uint64_t clients : {std::uint64_t{1}, std::uint64_t{64}, limit}) {
        CAPTURE(limit);
        const auto replicas = replicas_max({.limit = limit, .connections = clients});
        CHECK(replicas >= limit / 24);
        CHECK(4 * replicas + storage::kept_files_max(limit) + std::min(clients, limit / 4) + 64
              <= limit);
      }
    CHECK(replicas_max({.limit = 256, .connections = 4096}) == 16);
    CHECK(replicas_max({.limit = 1'024, .connections = 4096}) == 112);
    CHECK(replicas_max({.limit = 30, .connections = 4096}) == 1);
    CHECK(replicas_max({}) == 0);
  }

  TEST_CASE("shards that a node could not open are not created, and their maker hears which node") {
    auto state = with_room_for(3);

    CHECK(refusal(state, named("cats", 2, 3)) == n1_is_full); // The second one does not fit.
    CHECK(refusal(state, named("cats", 1, 3)).empty());
    CHECK(refusal(state, named("dogs", 1, 1)) == n1_is_full);
    must(state, delete_collection{"words"});
    CHECK(refusal(state, named("dogs", 6, 1)).empty());
    CHECK(refusal(state, named("cows", 1, 1)) == n1_is_full);
  }

  TEST_CASE("a node with a lower limit gets fewer, and a witness costs nothing") {
    auto state = small_cluster(3, 1, 1);
    must(state, delete_collection{"words"});
    must(state, change_node{node_number{2}, "p", "h", 2, 1});

    CHECK(refusal(state, named("cats", 9, 1)).empty());
    CHECK(state.held().at(node_number{2}) == 1);
    CHECK(refusal(state, named("dogs", 4, 2)).empty()); // Two nodes hold all, n2 votes.
    CHECK(state.held().at(node_number{2}) == 1);
    CHECK(refusal(state, named("cows", 1, 3)).starts_with("no_space: node `n2` can open 1"));
  }

  TEST_CASE("a key is not placed on a full node, nor a replica moved there") {
    auto state = with_room_for(3);
    must(state, change_node{node_number{3}, "p", "h", 2, 2});
    auto by_keys = named("cats", 1, 1);
    by_keys.options.echoed_params.set("sharding_method", payload::value{"custom"});
    must(state, by_keys);
    const auto placed = [](node_number where) {
      return create_shard_key{"cats", {.key = "eu", .shards = 1, .placement = std::vector{where}}};
    };

    CHECK(refusal(state, placed(node_number{3})).starts_with("no_space: node `n3` can open 2"));
    CHECK(refusal(state, placed(node_number{1})).empty());
    const std::vector either{node_number{2}, node_number{3}};
    must(state, create_shard_key{"cats", {"any", 1, 1, either}});
    CHECK(state.held().at(node_number{3}) == 2); // n2 does.
    must(state, drop_shard_key{"cats", "any"});
    const auto group = state.find("cats")->groups.begin()->second;
    CHECK(refusal(state, begin_move{{group, node_number{1}, node_number{3}}})
            .starts_with("no_space: node `n3` can open 2"));
    CHECK(refusal(state, begin_move{{group, node_number{1}, node_number{2}}}).empty());
    CHECK(state.held().at(node_number{2}) == 3); // Who comes counts,
    CHECK(state.held().at(node_number{1}) == 3); // and who has not gone yet.
  }

  TEST_CASE("a witness does not make room on a full node, and one may come to it") {
    layout of;
    for (std::uint32_t i = 1; i <= 3; ++i)
      of.nodes[node_number{i}] = {.name = "n" + std::to_string(i)};
    of.nodes.at(node_number{3}).room = 0;
    auto& group = of.groups[group_id{1}];
    group = {.factor = 2, .data = {node_number{1}, node_number{2}}, .witness = node_number{3}};
    of.nodes.erase(node_number{2}); // For good.

    const auto without_witness = [](const placement_step& step) { return !step.witness; };
    auto plan = plan_placement(of, {}, no_limits);
    CHECK(std::all_of(plan.begin(), plan.end(), without_witness));

    of = {};
    for (std::uint32_t i = 1; i <= 3; ++i)
      of.nodes[node_number{i}] = {.name = "n" + std::to_string(i)};
    of.nodes.at(node_number{3}).room = 2;
    for (std::uint32_t i = 1; i <= 20; ++i)
      of.groups[group_id{i}] = {2, {node_number{1}, node_number{2}}, {}};
    plan = plan_placement(of, {}, no_limits);
    CHECK(std::count_if(plan.begin(), plan.end(), without_witness) == 2);
    CHECK(std::count_if(plan.begin(), plan.end(), [](const auto& step) {
            return step.witness && step.to == node_number{3};
          }) == 18);
  }

  TEST_CASE("the control plane's replicas go to full nodes, too") {
    layout of;
    of.nodes[node_number{1}] = {.name = "n1", .room = 0};
    of.nodes[node_number{2}] = {.name = "n2", .room = 0};
    of.groups[group_id{0}] = {2, {node_number{1}}, {}, {}, {}, false};

    const auto plan = plan_placement(of, {}, no_limits);

    REQUIRE(plan.size() == 1);
    CHECK(plan[0].to == node_number{2});
  }

  TEST_CASE("a node that is alone keeps everything, and counts what is hidden too") {
    metadata state;
    must(state, named("words", 3, 1));

    CHECK(check_room_alone(state, "n1", 1, 4).ok());
    CHECK(check_room_alone(state, "n1", 1, 0).ok());
    CHECK(to_string(check_room_alone(state, "n1", 1, 3)) == n1_is_full);
  }

  TEST_CASE("what a node said of its room is kept, and its bytes are pinned") {
    const auto state = with_room_for(7);
    const auto said = encode(change_node{node_number{1}, "p", "h", 2, 7});

    CHECK(state.nodes().at(node_number{1}).replicas_max == 7);
    CHECK(testing::is_golden("metadata-room.bin", said + state.encode()));
    const auto back = metadata::restore(state.encode());
    REQUIRE(back.ok());
    CHECK(*back == state);
    const auto read = decode_metadata_command(said);
    REQUIRE(read.ok());
    CHECK(std::get<change_node>(*read).replicas_max == 7);
  }
}
