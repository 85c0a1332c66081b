#include "core/cluster/replica_hosting.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::cluster;

namespace {

constexpr group_id shard{1};

/// Four nodes, one shard with three replicas.
metadata four_nodes() {
  metadata state;
  found_cluster founding{"c", {}};
  for (const auto* name : {"a", "b", "c", "d"})
    founding.founders.push_back({name, "", "", 0, node_state::active});
  create_collection made{"words", {}};
  made.options.vectors[""].size = 4;
  made.options.shard_number = 1;
  made.options.replication_factor = 3;
  REQUIRE(state.apply(founding).ok());
  REQUIRE(state.apply(made).ok());
  return state;
}

node_number spare_of(const metadata& state) {
  for (const auto& [number, node] : state.nodes())
    if (state.groups().at(shard).on(number) == nullptr)
      return number;
  return {};
}

const replica_start* start_of(const replica_plan& plan, group_id group) {
  for (const auto& each : plan.begin)
    if (each.which.group == group)
      return &each;
  return nullptr;
}

/// A move of the shard's first replica to the node that has none, up to `stage`.
shard_move moved(metadata& state, move_stage stage) {
  const auto from = state.groups().at(shard).replicas.front().node;
  REQUIRE(state.apply(begin_move{{shard, from, spare_of(state)}}).ok());
  const auto move = *state.groups().at(shard).move;
  for (const auto next : {move_stage::indexing, move_stage::switching, move_stage::leaving})
    if (next <= stage)
      REQUIRE(state.apply(advance_move{shard, move.number, next}).ok());
  return move;
}

} // namespace

TEST_SUITE("core.cluster.replica_hosting") {
  TEST_CASE("the first replicas of a group begin with all of its members, a newcomer with none") {
    auto state = four_nodes();
    const auto move = moved(state, move_stage::joining);

    const auto plan = plan_replicas(state, move.from->node, {}, {});
    REQUIRE(start_of(plan, shard) != nullptr);
    CHECK(start_of(plan, shard)->which.id == move.from->id);
    REQUIRE(start_of(plan, shard)->first);
    CHECK(start_of(plan, shard)->first->voters
          == raft::replica_set{replica_id{1}, replica_id{2}, replica_id{3}});

    const auto of_newcomer = plan_replicas(state, move.to->node, {}, {});
    REQUIRE(start_of(of_newcomer, shard) != nullptr);
    CHECK_FALSE(start_of(of_newcomer, shard)->first);
  }

  TEST_CASE("once the members have changed, a late first replica knows nobody") {
    auto state = four_nodes();
    moved(state, move_stage::leaving);
    const auto late = state.groups().at(shard).replicas.front();

    const auto plan = plan_replicas(state, late.node, {}, {});

    REQUIRE(start_of(plan, shard) != nullptr);
    CHECK_FALSE(start_of(plan, shard)->first);
  }

  TEST_CASE("who leaves stays until its move is over, and is never begun again") {
    auto state = four_nodes();
    const auto move = moved(state, move_stage::leaving);
    const held_replica which{shard, move.from->id};
    const auto mine = [&](const std::set<held_replica>& held,
                          const std::set<held_replica>& deleted) {
      return plan_replicas(state, move.from->node, held, deleted);
    };

    CHECK(mine({which}, {}).end.empty());
    REQUIRE(state.apply(end_move{shard, move.number}).ok());
    CHECK(mine({which}, {}).end == std::vector{which});
    CHECK(start_of(mine({}, {which}), shard) == nullptr);

    // An older state would have it back.
    CHECK(start_of(plan_replicas(four_nodes(), move.from->node, {}, {which}), shard) == nullptr);
  }

  TEST_CASE("what leaves, or came in vain, is known as long as its move is") {
    auto state = four_nodes();
    const auto move = moved(state, move_stage::switching);
    const auto of = [&state](const replica& one) { return leaving_replicas(state, one.node); };
    const std::set<held_replica> from{{shard, move.from->id}};
    const std::set<held_replica> to{{shard, move.to->id}};
    CHECK(of(*move.from).empty());
    CHECK(of(*move.to).empty());
    REQUIRE(state.apply(advance_move{shard, move.number, move_stage::leaving}).ok());
    CHECK(of(*move.from) == from);
    CHECK(of(*move.to).empty());
    REQUIRE(state.apply(end_move{shard, move.number}).ok());
    CHECK(of(*move.from).empty());

    state = four_nodes();
    const auto vain = moved(state, move_stage::joining);
    REQUIRE(state.apply(advance_move{shard, vain.number, move_stage::undoing}).ok());
    CHECK(of(*vain.from).empty());
    CHECK(of(*vain.to) == to);
  }

  TEST_CASE("what comes is known as long as its move is, also of the metadata group") {
    auto state = four_nodes();
    const auto move = moved(state, move_stage::joining);
    CHECK(arriving_replicas(state, move.to->node) == std::set{held_replica{shard, move.to->id}});
    CHECK(arriving_replicas(state, move.from->node).empty());
    REQUIRE(state.apply(advance_move{shard, move.number, move_stage::undoing}).ok());
    REQUIRE(state.apply(end_move{shard, move.number}).ok());
    CHECK(arriving_replicas(state, move.to->node).empty());

    const auto& control = state.groups().at(metadata_group);
    const auto from = control.replicas.front();
    REQUIRE(state.apply(begin_move{{metadata_group, from.node, node_number{4}}}).ok());
    const auto over = *state.groups().at(metadata_group).move;
    CHECK(arriving_replicas(state, node_number{4})
          == std::set{held_replica{metadata_group, over.to->id}});
    for (const auto stage : {move_stage::indexing, move_stage::switching, move_stage::leaving})
      REQUIRE(state.apply(advance_move{metadata_group, over.number, stage}).ok());
    CHECK(leaving_replicas(state, from.node) == std::set{held_replica{metadata_group, from.id}});
  }

  TEST_CASE("a folder is forgotten once no member and no move knows its replica, there") {
    auto state = four_nodes();
    const auto move = moved(state, move_stage::switching);
    const std::vector<std::string> names{"0", "1", "4", "9", "x", "1x", "staging", ""};
    const auto forgotten = [&](node_number on) {
      return forgotten_replicas(state, on, shard, names);
    };
    REQUIRE(move.from->id == replica_id{1});
    REQUIRE(move.to->id == replica_id{4});
    using texts = std::vector<std::string>;
    CHECK(forgotten(move.from->node) == texts{"4", "9"}); // Of another node, of nobody.
    CHECK(forgotten(move.to->node) == texts{"1", "9"});
    REQUIRE(state.apply(advance_move{shard, move.number, move_stage::leaving}).ok());
    CHECK(forgotten(move.from->node) == texts{"4", "9"}); // Its move is not over.
    REQUIRE(state.apply(end_move{shard, move.number}).ok());
    CHECK(forgotten(move.from->node) == texts{"1", "4", "9"});
    CHECK(forgotten(move.to->node) == texts{"1", "9"});
    CHECK(forgotten_replicas(state, move.to->node, group_id{77}, names).empty());
  }

  TEST_CASE("before the cluster is founded, the founders' replicas of its metadata stay") {
    const auto plan =
        plan_replicas(metadata{}, node_number{1}, {{metadata_group, replica_id{1}}}, {});

    CHECK(plan.begin.empty());
    CHECK(plan.end.empty());
  }

  TEST_CASE("what is there already is left as it is") {
    const auto state = four_nodes();
    const auto& mine = state.groups().at(shard).replicas.front();
    std::set<held_replica> held{{shard, mine.id}};
    if (const auto* control = state.groups().at(metadata_group).on(mine.node))
      held.insert({metadata_group, control->id});

    const auto plan = plan_replicas(state, mine.node, held, {});

    CHECK(plan.begin.empty());
    CHECK(plan.end.empty());
  }

  TEST_CASE("a plan is settled when no shard is left to begin or to end") {
    const replica_start control{{metadata_group, replica_id{1}}, {}};
    const replica_start one{{shard, replica_id{1}}, {}};

    CHECK(is_settled({}));
    CHECK(is_settled({{control}, {}})); // META sees to it.
    CHECK_FALSE(is_settled({{control, one}, {}}));
    CHECK_FALSE(is_settled({{}, {{shard, replica_id{1}}}}));
  }

  TEST_CASE("a node that has all that is its own is settled, and any news end that") {
    auto state = four_nodes();
    const auto own = state.groups().at(shard).replicas.front();
    const std::set<held_replica> held{{shard, own.id}};
    CHECK(is_settled(plan_replicas(state, own.node, held, {})));
    CHECK_FALSE(is_settled(plan_replicas(state, own.node, {}, {})));

    REQUIRE(state.apply(delete_collection{"words"}).ok());
    CHECK_FALSE(is_settled(plan_replicas(state, own.node, held, {})));
  }

  TEST_CASE("whatever a plan is made of tells two bases apart") {
    const hosting_basis was{epoch{7}, 3, 1, true};
    CHECK(was == hosting_basis{epoch{7}, 3, 1, true});
    CHECK(was != hosting_basis{epoch{8}, 3, 1, true});
    CHECK(was != hosting_basis{epoch{7}, 4, 1, true});
    CHECK(was != hosting_basis{epoch{7}, 3, 2, true});
    CHECK(was != hosting_basis{epoch{7}, 3, 1, false});
  }
}
