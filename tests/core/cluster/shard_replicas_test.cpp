#include "core/cluster/shard_replicas.hpp"

#include <doctest/doctest.h>

using namespace grape;

namespace {

using cluster::move_number;
using cluster::move_stage;
using cluster::placed_group;
using cluster::placement_step;
using cluster::replica_role;

constexpr node_number n1{1};
constexpr node_number n2{2};
constexpr node_number n3{3};
constexpr node_number n4{4};
constexpr group_id g7{7};
constexpr move_number m1{1};

/// Replicas 1 and 2 on nodes 1 and 2, witness 3 on node 3.
cluster::shard_replicas two_and_witness() {
  placed_group where;
  where.factor = 2;
  where.data = {n1, n2};
  where.witness = n3;
  return first_replicas(g7, where);
}

cluster::shard_replicas moving(const placement_step& step) {
  auto of = two_and_witness();
  REQUIRE(of.begin(m1, step).ok());
  return of;
}

void advance_to(cluster::shard_replicas& of, std::initializer_list<move_stage> stages) {
  for (const auto stage : stages)
    REQUIRE(of.advance(m1, stage).ok());
}

TEST_SUITE("core.cluster.shard_replicas") {
  TEST_CASE("a new group's replicas are numbered from 1, its witness last") {
    const auto of = two_and_witness();

    CHECK(of.replicas
          == std::vector<cluster::replica>{{replica_id{1}, n1, replica_role::voter},
                                           {replica_id{2}, n2, replica_role::voter},
                                           {replica_id{3}, n3, replica_role::witness}});
    CHECK(of.next == replica_id{4});
    CHECK(of.placed(2).data == std::set{n1, n2});
    CHECK(of.placed(2).witness == n3);
  }

  TEST_CASE("who comes learns until the members have changed, then routers hear of it") {
    auto of = moving({g7, n1, n4});
    CHECK(of.on(n4)->role == replica_role::learner);
    CHECK(of.placed(2).data == std::set{n1, n2});
    CHECK(of.step() == placement_step{g7, n1, n4});

    advance_to(of, {move_stage::indexing, move_stage::switching});
    CHECK(of.epoch == epoch{1});
    advance_to(of, {move_stage::leaving});

    CHECK(of.epoch == epoch{2});
    CHECK(of.on(n1) == nullptr);
    CHECK(of.on(n4)->role == replica_role::voter);
    CHECK(of.step() == placement_step{.group = g7});
    CHECK(of.move->from == cluster::replica{replica_id{1}, n1});

    REQUIRE(of.finish(m1, move_number{2}).ok());
    CHECK_FALSE(of.move.has_value());
    CHECK_FALSE(of.step().has_value());
    CHECK(of.placed(2).data == std::set{n2, n4});
  }

  TEST_CASE("a move that is undone leaves no trace but a used number") {
    for (const auto late : {false, true}) {
      auto of = moving({g7, n1, n4});
      if (late)
        advance_to(of, {move_stage::indexing});
      advance_to(of, {move_stage::undoing});
      CHECK(of.on(n4) == nullptr);
      REQUIRE(of.finish(m1, move_number{2}).ok());

      auto never_moved = two_and_witness();
      never_moved.next = replica_id{5};
      CHECK(of == never_moved);
    }
  }

  TEST_CASE("witnesses move, come and go") {
    auto of = moving({g7, n3, n4, true});
    CHECK(of.step() == placement_step{g7, n3, n4, true});
    advance_to(of, {move_stage::indexing, move_stage::switching, move_stage::leaving});
    CHECK(of.placed(2).witness == n4);
    REQUIRE(of.finish(m1, move_number{2}).ok());

    REQUIRE(of.begin(move_number{2}, {g7, n4, {}, true}).ok());
    CHECK(of.move->stage == move_stage::switching);
    REQUIRE(of.advance(move_number{2}, move_stage::leaving).ok());
    CHECK_FALSE(of.placed(2).witness.has_value());
  }

  TEST_CASE("a witness makes room for what goes to its node") {
    for (const auto& from : {std::optional{n1}, std::optional<node_number>{}}) {
      auto of = moving({g7, from, n3});
      CHECK(of.move->from == cluster::replica{replica_id{3}, n3, replica_role::witness});
      CHECK_FALSE(of.move->to.has_value());
      CHECK(of.then == placement_step{g7, from, n3});
      advance_to(of, {move_stage::leaving});
      CHECK(of.on(n3) == nullptr);

      REQUIRE(of.finish(m1, move_number{2}).ok());
      REQUIRE(of.move.has_value());
      CHECK(of.move->number == move_number{2});
      CHECK(of.move->from.has_value() == from.has_value());
      CHECK(of.move->to == cluster::replica{replica_id{4}, n3});
      CHECK_FALSE(of.then.has_value());
    }
  }

  TEST_CASE("what waits for the witness to make room can be given up") {
    auto of = moving({g7, n1, n3});
    advance_to(of, {move_stage::undoing});
    CHECK_FALSE(of.then.has_value());
    CHECK(of.move->stage == move_stage::switching);
    CHECK_FALSE(of.advance(m1, move_stage::undoing).ok());
    advance_to(of, {move_stage::leaving});
    REQUIRE(of.finish(m1, move_number{2}).ok());
    CHECK_FALSE(of.move.has_value());
    CHECK(of.placed(2).data == std::set{n1, n2});
  }

  TEST_CASE("what cannot be begun is refused in words, and changes nothing") {
    auto of = two_and_witness();
    const auto refusal = [&of](const placement_step& step) {
      const auto before = of;
      const auto answer = of.begin(m1, step);
      CHECK(of == before);
      CHECK(answer.code == errc::bad_request);
      return answer.detail;
    };
    CHECK(refusal({g7, n4, {}}) == "group 7: node 4 has no such replica");
    CHECK(refusal({g7, n3, n4}) == "group 7: node 3 has no such replica");
    CHECK(refusal({g7, n1, n4, true}) == "group 7: node 1 has no such replica");
    CHECK(refusal({g7, n1, n2}) == "group 7: node 2 has a replica already");
    CHECK(refusal({g7, n3, n1, true}) == "group 7: node 1 has a replica already");
    CHECK(refusal({.group = g7}) == "group 7: nothing to move");

    of = cluster::first_replicas(g7, {.factor = 1, .data = {n1}, .witness = {}});
    CHECK(refusal({g7, n1, {}}) == "group 7: the last replica cannot be dropped");

    of = moving({g7, n1, n4});
    CHECK(refusal({g7, n2, n4}) == "group 7: move 1 is under way");
  }

  TEST_CASE("stages follow each other; the same one again changes nothing") {
    auto of = moving({g7, n1, n4});
    CHECK(of.advance(m1, move_stage::switching)
          == status{errc::bad_request, "group 7: a move that is joining cannot be switching next"});
    CHECK(of.finish(m1, move_number{2})
          == status{errc::bad_request, "group 7: a move that is joining cannot end"});
    CHECK(of.advance(move_number{2}, move_stage::indexing)
          == status{errc::not_found, "move 2 is not under way"});

    advance_to(of, {move_stage::indexing, move_stage::switching});
    CHECK_FALSE(of.advance(m1, move_stage::undoing).ok());
    advance_to(of, {move_stage::leaving});
    const auto before = of;
    CHECK(of.advance(m1, move_stage::leaving).ok());
    CHECK(of == before);
    REQUIRE(of.finish(m1, move_number{2}).ok());
    CHECK(of.finish(m1, move_number{2}).code == errc::not_found);
  }
}

  TEST_CASE("who was first begins as such until the members change, though a move be under way") {
    auto of = cluster::first_replicas(
        group_id{7},
        {.factor = 2, .data = {node_number{1}, node_number{3}}, .witness = node_number{2}});
    const auto first = cluster::first_members(of, replica_id{1});
    REQUIRE(first.has_value());
    CHECK(first->voters == raft::replica_set{replica_id{1}, replica_id{2}, replica_id{3}});
    CHECK(first->witnesses == raft::replica_set{replica_id{3}});

    // A move may begin before anybody has begun: then all of them have to, or nobody ever leads.
    CHECK(of.begin(move_number{1}, {group_id{7}, node_number{1}, node_number{4}, false}).ok());
    CHECK(cluster::first_members(of, replica_id{1}) == first);
    CHECK_FALSE(cluster::first_members(of, replica_id{4}).has_value());

    for (const auto stage : {move_stage::indexing, move_stage::switching, move_stage::leaving})
      REQUIRE(of.advance(move_number{1}, stage).ok());
    CHECK_FALSE(cluster::first_members(of, replica_id{2}).has_value());
  }
}
