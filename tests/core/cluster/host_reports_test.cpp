#include "core/cluster/host_reports.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::cluster;

namespace {

constexpr std::uint64_t fresh_ms = 3'000;
constexpr group_id shard{1};

metadata three_nodes() {
  metadata state;
  found_cluster founding{"c", {}};
  for (const auto* name : {"a", "b", "c"})
    founding.founders.push_back({name, "", "", 0, node_state::active});
  create_collection made{"words", {}};
  made.options.vectors[""].size = 4;
  made.options.shard_number = 1;
  made.options.replication_factor = 3;
  REQUIRE(state.apply(founding).ok());
  REQUIRE(state.apply(made).ok());
  return state;
}

host_report report(std::uint64_t number, std::set<node_number> silent = {}) {
  host_report said;
  said.incarnation = 1;
  said.number = number;
  said.silent = std::move(silent);
  return said;
}

host_report leading(std::uint64_t number, std::uint64_t term, replica_id leader) {
  auto said = report(number);
  group_report of;
  of.group = shard;
  of.term = grape::term{term};
  of.leader = leader;
  said.leads.push_back(of);
  return said;
}

} // namespace

TEST_SUITE("core.cluster.host_reports") {
  TEST_CASE("of two who say they lead, the one of the newer term counts, whoever spoke last") {
    const auto state = three_nodes();
    host_reports all{fresh_ms};

    all.told(node_number{1}, leading(1, 7, replica_id{1}), 100);
    all.told(node_number{2}, leading(1, 5, replica_id{2}), 200);

    CHECK(all.sight(state, 300).groups.at(shard).leader == replica_id{1});
  }

  TEST_CASE("what was said too long ago, or before what is known, does not count") {
    const auto state = three_nodes();
    host_reports all{fresh_ms};
    all.told(node_number{1}, leading(2, 7, replica_id{1}), 0);

    all.told(node_number{1}, report(1), 10);
    CHECK(all.sight(state, fresh_ms).groups.at(shard).has_leader);

    CHECK_FALSE(all.sight(state, fresh_ms + 1).groups.contains(shard));
  }

  TEST_CASE("a node is down once most voters of the metadata group do not hear it") {
    const auto state = three_nodes();
    host_reports all{fresh_ms};

    all.told(node_number{1}, report(1, {node_number{3}}), 0);
    CHECK(all.sight(state, 1).down.empty());

    all.told(node_number{2}, report(1, {node_number{3}}), 1);
    CHECK(all.sight(state, 1).down == std::set{node_number{3}});
  }

  TEST_CASE("who leaves has deleted its data when its node says so") {
    auto state = three_nodes();
    REQUIRE(state.apply(add_node{{"d", "", "", 0, node_state::active}}).ok());
    REQUIRE(state.apply(begin_move{{shard, node_number{1}, node_number{4}}}).ok());
    const auto move = *state.groups().at(shard).move;
    for (const auto stage : {move_stage::indexing, move_stage::switching, move_stage::leaving})
      REQUIRE(state.apply(advance_move{shard, move.number, stage}).ok());
    host_reports all{fresh_ms};
    CHECK_FALSE(all.sight(state, 0).groups.at(shard).deleted);

    // It may not know yet that the replica is to leave.
    all.told(node_number{1}, report(1), 0);
    CHECK_FALSE(all.sight(state, 0).groups.at(shard).deleted);

    auto last = report(2);
    last.gone.insert({shard, move.from->id});
    all.told(node_number{1}, last, 1);
    CHECK(all.sight(state, 1).groups.at(shard).deleted);
  }

  TEST_CASE("leadership is handed to nobody whose node is silent") {
    const auto state = three_nodes();
    host_reports all{fresh_ms};
    auto said = leading(1, 2, replica_id{1});
    said.leads.front().successor = replica_id{2};

    all.told(node_number{1}, said, 0);
    CHECK_FALSE(all.sight(state, 0).groups.at(shard).successor);

    all.told(node_number{2}, report(1), 0);
    CHECK(all.sight(state, 0).groups.at(shard).successor == replica_id{2});
  }
}
