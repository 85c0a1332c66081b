#include "core/cluster/metadata.hpp"
#include "core/codec/frame.hpp"
#include "core/codec/pack.hpp"
#include "tests/support/golden.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>

using namespace grape;
using namespace grape::cluster;

namespace {

constexpr node_number n1{1};
constexpr node_number n2{2};
constexpr node_number n3{3};
constexpr node_number n4{4};

node_entry node(const std::string& name) {
  return {name, name + ":6335", name + ":6333", 0, node_state::active};
}

create_collection collection(const std::string& name, std::uint32_t shards, std::uint32_t factor) {
  create_collection made{name, {}};
  made.options.vectors[""].size = 4;
  made.options.shard_number = shards;
  made.options.replication_factor = factor;
  return made;
}

metadata cluster_of(std::initializer_list<const char*> names) {
  found_cluster founding{"c-1", {}};
  for (const auto* name : names)
    founding.founders.push_back(node(name));
  metadata state;
  REQUIRE(state.apply(founding).ok());
  return state;
}

/// Whether it changed anything; the command must be accepted.
bool accepted(metadata& state, const metadata_command& command) {
  const auto done = state.apply(command);
  REQUIRE_MESSAGE(done.ok(), (done ? std::string{} : done.error().detail));
  return *done;
}

std::string refusal(metadata& state, const metadata_command& command) {
  const auto before = state;
  const auto done = state.apply(command);
  REQUIRE_FALSE(done.ok());
  CHECK(state == before);
  return to_string(done.error());
}

/// What holds after every command.
void check_sound(const metadata& state) {
  for (const auto& [group, replicas] : state.groups()) {
    CHECK(replicas.group == group);
    std::set<node_number> nodes;
    std::set<replica_id> ids;
    for (const auto& each : replicas.replicas) {
      CHECK(state.nodes().contains(each.node));
      CHECK(nodes.insert(each.node).second);
      CHECK(ids.insert(each.id).second);
      CHECK(each.id < replicas.next);
    }
    CHECK_FALSE(replicas.placed(1).data.empty());
  }
  std::set<std::string> names;
  for (const auto& [number, known] : state.nodes())
    CHECK((known.state == node_state::removed || names.insert(known.name).second));
  for (const auto& [name, entry] : state.collections())
    for (const auto& [shard, group] : entry.groups)
      CHECK(state.groups().contains(group));
  const auto restored = metadata::restore(state.encode());
  REQUIRE(restored.ok());
  CHECK(*restored == state);
}

TEST_SUITE("core.cluster.metadata.nodes") {
  TEST_CASE("founders are numbered in their order, and three of them keep the control plane") {
    auto state = cluster_of({"a", "b", "c", "d"});

    CHECK(state.cluster_id() == "c-1");
    CHECK(state.nodes().at(n1).name == "a");
    CHECK(state.find_node("d") == n4);
    CHECK(state.groups().at(metadata_group).placed(3).data.size() == 3);
    CHECK(cluster_of({"a", "b"}).groups().at(metadata_group).replicas.size() == 1);
    CHECK(cluster_of({"a", "b", "c", "d", "e"}).groups().at(metadata_group).replicas.size() == 5);

    CHECK_FALSE(accepted(state, found_cluster{"c-1", {node("a")}}));
    CHECK(refusal(state, found_cluster{"c-2", {node("a")}})
          == "already_exists: this is cluster c-1");
  }

  TEST_CASE("a new collection's shards are placed, and a deleted one's forgotten") {
    auto state = cluster_of({"a", "b", "c"});
    accepted(state, collection("words", 4, 2));

    std::map<node_number, int> held;
    for (const auto& [shard, group] : state.find("words")->groups)
      for (const auto each : state.groups().at(group).placed(2).data)
        ++held[each];
    CHECK(held.size() == 3);
    CHECK(state.groups().at(group_id{1}).placed(2).witness.has_value());
    check_sound(state);

    accepted(state, delete_collection{"words"});
    CHECK(state.groups().size() == 1);
  }

  TEST_CASE("a node that is alone has no replica sets") {
    metadata state;
    accepted(state, collection("words", 2, 3));
    CHECK(state.groups().empty());
    CHECK(state.placement().groups.empty());
  }

  TEST_CASE("nodes join, move and start again") {
    auto state = cluster_of({"a"});
    accepted(state, add_node{node("b")});
    CHECK(state.find_node("b") == n2);
    CHECK(refusal(state, add_node{node("b")})
          == "already_exists: node 2 `b` is in the cluster; if its disk is lost, run "
             "`grapectl node replace b`");

    CHECK(accepted(state, change_node{n2, "b:7", "b:8", 5}));
    CHECK_FALSE(accepted(state, change_node{n2, "b:7", "b:8", 5}));
    CHECK(state.nodes().at(n2).peer_address == "b:7");
    CHECK(state.nodes().at(n2).incarnation == 5);
    CHECK(refusal(state, change_node{n2, "b:7", "b:8", 4})
          == "bad_request: node 2 `b` has been started again since");
    CHECK(refusal(state, change_node{n3, "", "", 1}) == "not_found: there is no node 3");
  }

  TEST_CASE("a node is removed when it holds nothing, or when it is dead") {
    auto state = cluster_of({"a", "b", "c"});
    CHECK(refusal(state, set_node_state{n2, node_state::removed})
          == "bad_request: node 2 `b` is active and holds replicas: drain it first");
    accepted(state, set_node_state{n2, node_state::draining});
    CHECK(refusal(state, set_node_state{n2, node_state::removed})
          == "bad_request: node 2 `b` is draining and holds replicas: drain it first");
    CHECK_FALSE(state.placement().nodes.at(n2).accepts);
    accepted(state, set_node_state{n2, node_state::down});
    accepted(state, set_node_state{n2, node_state::removed});

    CHECK_FALSE(state.find_node("b").has_value());
    CHECK_FALSE(state.placement().nodes.contains(n2));
    CHECK(refusal(state, set_node_state{n2, node_state::active})
          == "bad_request: node 2 `b` was removed");
    accepted(state, add_node{node("b")});
    CHECK(state.find_node("b") == n4);

    auto alone = cluster_of({"a"});
    accepted(alone, set_node_state{n1, node_state::down});
    CHECK(refusal(alone, set_node_state{n1, node_state::removed})
          == "bad_request: node 1 `a` is the last one");
  }

  TEST_CASE("a lost disk makes a new node of the same name, which gets the old one's replicas") {
    auto state = cluster_of({"a", "b", "c"});
    accepted(state, collection("words", 2, 3));
    CHECK(refusal(state, replace_node{node("x")}) == "not_found: there is no node `x` to replace");

    accepted(state, replace_node{node("b")});

    CHECK(state.find_node("b") == n4);
    const auto plan = plan_placement(state.placement(), {}, {.in_max = 9});
    REQUIRE(plan.size() == 3);
    for (const auto& step : plan) {
      CHECK(step.from == n2);
      CHECK(step.to == n4);
    }
  }

  TEST_CASE("a move goes through its stages; only nodes that accept take replicas") {
    auto state = cluster_of({"a", "b", "c"});
    accepted(state, collection("words", 1, 1));
    const group_id group{1};
    const auto from = *state.groups().at(group).placed(1).data.begin();
    const auto to = from == n1 ? n2 : n1;

    CHECK(refusal(state, begin_move{{group_id{7}, from, to}}) == "not_found: there is no group 7");
    CHECK(refusal(state, begin_move{{group, from, n4}}) == "not_found: there is no node 4");
    accepted(state, set_node_state{to, node_state::draining});
    CHECK(refusal(state, begin_move{{group, from, to}})
          == "bad_request: node " + std::to_string(to.value) + " `" + state.nodes().at(to).name
                 + "` is draining and takes no replica");
    accepted(state, set_node_state{to, node_state::active});

    accepted(state, begin_move{{group, from, to}});
    const auto number = state.groups().at(group).move->number;
    for (const auto stage : {move_stage::indexing, move_stage::switching, move_stage::leaving}) {
      CHECK(accepted(state, advance_move{group, number, stage}));
      CHECK_FALSE(accepted(state, advance_move{group, number, stage}));
    }
    accepted(state, end_move{group, number});
    CHECK(state.groups().at(group).placed(1).data == std::set{to});

    accepted(state, begin_move{{group, to, from}});
    CHECK(state.groups().at(group).move->number == number.next());
  }

  TEST_CASE("where a person put a replica is remembered until it goes, or nodes come") {
    auto state = cluster_of({"a", "b", "c"});
    accepted(state, collection("words", 2, 1));
    const auto group = group_id{1};
    const auto from = state.groups().at(group).replicas.front().node;
    const auto to = from == n1 ? n2 : n1;
    const auto by_hand = [&] { return state.groups().at(group).placed(1).by_hand; };
    const auto go = [&](const begin_move& wanted) {
      accepted(state, wanted);
      const auto move = state.groups().at(group).move->number;
      for (const auto stage : {move_stage::indexing, move_stage::switching, move_stage::leaving})
        accepted(state, advance_move{group, move, stage});
      accepted(state, end_move{group, move});
    };
    go({{group, from, to}, true});
    CHECK(by_hand() == std::set{to});
    CHECK(*metadata::restore(state.encode()) == state);
    accepted(state, set_node_state{n3, node_state::away});
    accepted(state, set_node_state{n3, node_state::active}); // It was here all the time.
    CHECK(by_hand() == std::set{to});

    auto other = state;
    accepted(other, add_node{{"d", "d:1", "d:2", 0, node_state::active, 7}});
    CHECK(other.groups().at(group).by_hand == std::set{to});
    accepted(other, change_node{node_number{4}, "d:1", "d:2", 1});
    CHECK(other.groups().at(group).by_hand.empty());

    go({{group, to, from}}); // By nobody's hand.
    CHECK(by_hand().empty());
    accepted(state, begin_move{{group, from, to}, true});
    accepted(state, advance_move{group, state.groups().at(group).move->number,
                                 move_stage::undoing});
    accepted(state, end_move{group, state.groups().at(group).move->number});
    CHECK(by_hand().empty()); // It never came.
  }

  TEST_CASE("whatever is asked, the state stays sound and its bytes give it back") {
    std::mt19937_64 random{17};
    const auto any = [&random](std::uint32_t below) {
      return static_cast<std::uint32_t>(random() % below);
    };
    std::size_t accepted_count = 0;
    for (int round = 0; round < 30; ++round) {
      auto state = cluster_of({"a", "b", "c"});
      for (int i = 0; i < 60; ++i) {
        const node_number number{1 + any(6)};
        const group_id group{any(5)};
        const std::string name(1, static_cast<char>('a' + any(6)));
        const auto found = state.groups().find(group);
        const auto move = found != state.groups().end() && found->second.move
                              ? found->second.move->number
                              : move_number{};
        const std::vector<metadata_command> commands{
            collection(name, 1 + any(2), 1 + any(3)),
            delete_collection{name},
            add_node{node(name)},
            replace_node{node(name)},
            change_node{number, "p", "h", any(9)},
            set_node_state{number, static_cast<node_state>(any(5))},
            begin_move{{group, number, node_number{1 + any(6)}, any(4) == 0}},
            begin_move{{group, {}, number}},
            advance_move{group, move, static_cast<move_stage>(any(5))},
            advance_move{group, move, move_stage::indexing},
            advance_move{group, move, move_stage::switching},
            advance_move{group, move, move_stage::leaving},
            end_move{group, move},
        };
        const auto command = decode_metadata_command(
            encode(commands[any(static_cast<std::uint32_t>(commands.size()))]));
        REQUIRE(command.ok());
        const auto before = state;
        const auto done = state.apply(*command);
        accepted_count += done && *done ? 1 : 0;
        if (!done || !*done)
          CHECK(state == before);
      }
      check_sound(state);
    }
    CHECK(accepted_count > 300);
  }

  TEST_CASE("states and commands that are on disk keep their meaning") {
    auto state = cluster_of({"a", "b", "c"});
    accepted(state, change_node{n2, "b:1", "b:2", 7});
    accepted(state, begin_move{{metadata_group, n3, {}}});
    (void)testing::is_golden("metadata-state.bin", state.encode());
    const auto golden = metadata::restore(testing::golden("metadata-state.bin"));
    REQUIRE(golden.ok());
    CHECK(*golden == state);

    CHECK(testing::is_golden("metadata-found-cluster.bin",
                             encode(metadata_command{found_cluster{"c-1", {node("a")}}})));
    CHECK(testing::is_golden("metadata-begin-move.bin",
                             encode(metadata_command{begin_move{{group_id{3}, n1, n2}}})));
    CHECK(testing::is_golden("metadata-begin-move-by-hand.bin",
                             encode(metadata_command{begin_move{{group_id{3}, n1, n2}, true}})));
    CHECK(testing::is_golden(
        "metadata-advance-move.bin",
        encode(metadata_command{advance_move{group_id{3}, move_number{9}, move_stage::leaving}})));
  }

  TEST_CASE("a quota is part of the state, on disk too, and says whether it is another") {
    const quota_config limits{true, 80, 90, 3};
    auto state = cluster_of({"a"});
    const auto without = state.encode();
    REQUIRE(state.apply(set_quota{limits}).value());
    CHECK(state.quota() == limits);
    CHECK_FALSE(state.apply(set_quota{limits}).value());
    const auto back = metadata::restore(state.encode());
    REQUIRE(back.ok());
    CHECK(*back == state);
    CHECK(testing::is_golden("metadata-quota.bin",
                             encode(metadata_command{set_quota{limits}}) + state.encode()));
    REQUIRE(state.apply(set_quota{}).value());
    CHECK(state.encode() == without); // As it was before there were quotas.
  }

  TEST_CASE("a state from before there were clusters is one node's; any other is refused") {
    codec::packer out;
    out.array(4);
    out.u64(5);
    out.u64(9);
    out.map(0);
    out.map(0);
    const auto old = metadata::restore(codec::encode_frame(out.take(), codec::compression::none));
    REQUIRE(old.ok());
    CHECK(old->nodes().empty());

    out.array(3);
    CHECK(metadata::restore(codec::encode_frame(out.take(), codec::compression::none)).error().code
          == errc::corrupted);
  }
}

} // namespace
