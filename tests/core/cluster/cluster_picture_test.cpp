#include "core/cluster/cluster_picture.hpp"

#include "tests/core/cluster/small_cluster.hpp"

using namespace grape;
using namespace grape::cluster;

namespace {

constexpr node_number n1{1};
constexpr node_number n2{2};
constexpr node_number n3{3};

/// "0@n2 active ..." of every replica, as node `self` shows them.
std::map<std::pair<std::uint32_t, std::uint32_t>, replica_standing>
standings(const metadata& state, const node_sight& seen) {
  const auto shown = show_collection(state, seen, "words");
  REQUIRE(shown.ok());
  std::map<std::pair<std::uint32_t, std::uint32_t>, replica_standing> all;
  for (const auto& each : shown->local)
    all[{each.shard.value, shown->self.value}] = each.standing;
  for (const auto& each : shown->remote)
    all[{each.shard.value, each.node.value}] = each.standing;
  return all;
}

} // namespace

TEST_SUITE("core.cluster.cluster_picture") {
  TEST_CASE("every node shows the same replicas, each where it is") {
    const auto state = small_cluster(3, 4, 2);
    std::map<std::pair<std::uint32_t, std::uint32_t>, replica_standing> expected;
    for (std::uint32_t shard = 0; shard < 4; ++shard)
      for (const auto node : state.groups().at(words_group(state, shard)).placed(2).data)
        expected[{shard, node.value}] = replica_standing::active;
    REQUIRE(expected.size() == 8);

    for (const auto self : {n1, n2, n3})
      CHECK(standings(state, all_is_well(state, self)) == expected);
  }

  TEST_CASE("a replica's standing is what its node and its group say") {
    const auto state = small_cluster(3, 1, 3);
    const auto words = words_group(state, 0);
    const auto healthy = all_is_well(state, n1);
    using key = std::pair<std::uint32_t, std::uint32_t>;
    const key here{0, 1};
    const key there{0, 2};

    auto seen = healthy;
    seen.links[n2].connected = false;
    CHECK(standings(state, seen)[there] == replica_standing::dead);
    seen = healthy;
    seen.links[n2].is = health::silent;
    CHECK(standings(state, seen)[there] == replica_standing::dead);
    seen = healthy;
    seen.shards.erase(words);
    CHECK(standings(state, seen)[here] == replica_standing::initializing);
    seen = healthy;
    seen.groups[words] = {};
    CHECK(standings(state, seen)[here] == replica_standing::initializing);
    seen.groups[words].failed = {errc::corrupted, "x"};
    CHECK(standings(state, seen)[here] == replica_standing::dead);

    auto down = state;
    must(down, set_node_state{n2, node_state::down});
    CHECK(standings(down, healthy)[there] == replica_standing::dead);
  }

  TEST_CASE("a move is shown by its stages until the newcomer serves") {
    auto state = small_cluster(3, 1, 1);
    const auto words = words_group(state, 0);
    const auto from = state.groups().at(words).replicas.front().node;
    const auto to = from == n1 ? n2 : n1;
    must(state, begin_move{{.group = words, .from = from, .to = to}});
    const auto move = state.groups().at(words).move->number;

    for (const auto stage : {move_stage::joining, move_stage::indexing, move_stage::switching}) {
      must(state, advance_move{words, move, stage});
      const auto shown = show_collection(state, all_is_well(state, n3), "words");
      REQUIRE(shown->moves.size() == 1);
      CHECK(shown->moves[0].from == from);
      CHECK(shown->moves[0].to == to);
      CHECK_FALSE(shown->moves[0].keeps_source);
      CHECK(standings(state, all_is_well(state, n3))
            == std::map<std::pair<std::uint32_t, std::uint32_t>, replica_standing>{
                {{0, from.value}, replica_standing::active},
                {{0, to.value}, replica_standing::partial}});
    }
    must(state, advance_move{words, move, move_stage::leaving});
    CHECK(show_collection(state, all_is_well(state, n3), "words")->moves.empty());
    CHECK(standings(state, all_is_well(state, n3))
          == std::map<std::pair<std::uint32_t, std::uint32_t>, replica_standing>{
              {{0, to.value}, replica_standing::active}});
    const auto listed = show_shards(state, all_is_well(state, n3)).shards.at(0).move;
    REQUIRE(listed.has_value());
    CHECK(listed->stage == "leaving");
  }

  TEST_CASE("a copy is said to come from whoever leads") {
    auto state = small_cluster(3, 1, 2);
    const auto words = words_group(state, 0);
    const auto placed = state.groups().at(words).placed(2);
    REQUIRE(placed.witness.has_value());
    must(state, begin_move{{.group = words, .from = placed.witness, .witness = true}});
    must(state, advance_move{words, state.groups().at(words).move->number, move_stage::leaving});
    must(state, end_move{words, state.groups().at(words).move->number});
    must(state, begin_move{{.group = words, .to = placed.witness}});
    auto seen = all_is_well(state, n1);
    seen.leaders[words] = *placed.data.rbegin();

    const auto shown = show_collection(state, seen, "words");

    REQUIRE(shown->moves.size() == 1);
    CHECK(shown->moves[0].from == *placed.data.rbegin());
    CHECK(shown->moves[0].keeps_source);
  }

  TEST_CASE("a transfer is shown while the witness makes room for it") {
    auto state = small_cluster(3, 1, 2);
    const auto words = words_group(state, 0);
    const auto placed = state.groups().at(words).placed(2);
    const auto from = *placed.data.begin();
    must(state, begin_move{{.group = words, .from = from, .to = placed.witness}});
    auto seen = all_is_well(state, n1);
    seen.leaders[words] = *placed.data.rbegin();

    const auto shown = show_collection(state, seen, "words");

    REQUIRE(shown->moves.size() == 1);
    CHECK(shown->moves[0].from == from);
    CHECK(shown->moves[0].to == placed.witness);
    CHECK(shown->moves[0].stage == "making room");
  }

  TEST_CASE("the cluster's status is the metadata group's") {
    auto state = small_cluster(4, 1, 1);
    must(state, set_node_state{node_number{4}, node_state::down});
    must(state, set_node_state{node_number{4}, node_state::removed});
    const auto& meta = state.groups().at(metadata_group);
    const auto self = meta.replicas.front().node;

    const auto told = show_cluster(state, all_is_well(state, self));

    CHECK(told.enabled);
    CHECK(told.peers.size() == 3);
    CHECK(told.peers.at(0).address == "n1:6335");
    CHECK(told.consensus.raft == replica_raft{"leader", term{3}, log_index{12}, log_index{11}});
    CHECK(told.consensus.pending == 3);
    CHECK(told.consensus.leader == self);
    CHECK(told.consensus.is_voter);

    const auto five = small_cluster(4, 1, 1);
    node_number outside{1};
    while (five.groups().at(metadata_group).on(outside) != nullptr)
      outside = outside.next();
    const auto mirror = show_cluster(five, all_is_well(five, outside));
    CHECK_FALSE(mirror.consensus.is_voter);
    CHECK(mirror.consensus.raft.role.empty());
    CHECK(mirror.consensus.leader.has_value());
  }

  TEST_CASE("who is alone has all shards, and is no cluster") {
    metadata alone;
    create_collection made{"words", {}};
    made.options.vectors[""].size = 4;
    made.options.shard_number = 2;
    must(alone, made);
    node_sight seen;
    seen.shards[words_group(alone, 0)] = {7, log_index{9}};

    CHECK_FALSE(show_cluster(alone, seen).enabled);
    const auto shown = show_collection(alone, seen, "words");
    REQUIRE(shown->local.size() == 2);
    CHECK(shown->local[0].points == 7);
    CHECK(shown->local[0].raft == replica_raft{"leader", term{1}, log_index{9}, log_index{9}});
    CHECK(shown->local[1].standing == replica_standing::initializing);
    CHECK(show_shards(alone, seen).shards.at(1).replicas.size() == 1);
    CHECK(show_nodes(alone, seen).nodes.empty());
    CHECK(show_collection(alone, seen, "verbs").error().code == errc::not_found);
  }

  TEST_CASE("groups are called after their shards, and tell of leaders all they know") {
    const auto state = small_cluster(3, 2, 3);
    auto seen = all_is_well(state, n1);
    const auto words = words_group(state, 1);
    auto& peer = *seen.groups[words].peer;
    peer.members.voters = {replica_id{1}, replica_id{2}, replica_id{3}};
    raft::progress_status follower;
    follower.which = replica_id{2};
    follower.state = raft::progress_state::replicate;
    follower.match = log_index{9};
    peer.progress = {follower};
    seen.groups[words_group(state, 0)] = {{}, {errc::corrupted, "entry 7"}};

    const auto all = show_groups(state, seen).groups;

    REQUIRE(all.size() == 3);
    CHECK(all[0].name == "metadata");
    CHECK(all[1].name == "words/0");
    CHECK(all[1].failure == "corrupted: entry 7");
    CHECK(all[2].name == "words/1");
    CHECK(all[2].self == state.groups().at(words).on(n1)->id);
    CHECK(all[2].voters.size() == 3);
    REQUIRE(all[2].progress.size() == 1);
    CHECK(all[2].progress[0].state == "replicate");
  }

  TEST_CASE("a collection warns of what its nodes cannot give it") {
    const auto warnings = [](std::uint32_t nodes, std::uint32_t factor) {
      const auto state = small_cluster(nodes, 2, factor);
      return replication_warnings(state, *state.find("words"));
    };

    CHECK(warnings(3, 3).empty());
    CHECK(warnings(3, 2).empty());
    CHECK(warnings(3, 1).empty());
    CHECK(warnings(2, 2)
          == std::vector<std::string>{"a shard has two replicas and no node is left for a witness: "
                                      "writes stop while one of the two is away"});
    CHECK(warnings(3, 5)
          == std::vector<std::string>{"replication_factor is 5, but a shard has only 3 replicas; "
                                      "more are made as soon as there are nodes for them"});
    CHECK(warnings(1, 2).size() == 1);
  }

  TEST_CASE("whoever wishes for more replicas than there are nodes is told so, once") {
    const auto state = small_cluster(2, 1, 1);
    const auto made = [](std::uint32_t factor) {
      create_collection command{"cats", {}};
      command.options.replication_factor = factor;
      return command;
    };
    update_collection changed{"words", {}};
    const create_shard_key key{"cats", {.key = "eu", .replication_factor = 3}};

    CHECK(wish_beyond_nodes(state, made(3))
          == "collection `cats`: replication_factor is 3, and there are 2 nodes: each shard gets "
             "one on each of them, and more as soon as there are more nodes");
    CHECK(wish_beyond_nodes(state, made(2)).empty());
    CHECK(wish_beyond_nodes(state, changed).empty()); // It says nothing of replicas.
    changed.changes.replication_factor = 4;
    CHECK(wish_beyond_nodes(state, changed).starts_with("collection `words`: replication_factor"));
    CHECK(wish_beyond_nodes(state, key).starts_with("key \"eu\" of collection `cats`: repl"));
    CHECK(wish_beyond_nodes(state, delete_collection{"words"}).empty());
    CHECK(wish_beyond_nodes(metadata{}, made(3)).empty()); // A node that is alone has no others.
  }
}
