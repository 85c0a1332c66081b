#include "core/cluster/placement.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace grape;

namespace {

using cluster::layout;
using cluster::placement_limits;
using cluster::placement_step;

constexpr placement_limits no_limits{.in_max = 1'000'000, .out_max = 1'000'000};

layout nodes(std::uint32_t count) {
  layout of;
  for (std::uint32_t i = 1; i <= count; ++i)
    of.nodes[node_number{i}] = {.name = "n" + std::to_string(i)};
  return of;
}

/// As many groups as asked for, placed one after the other.
layout placed(std::uint32_t node_count, std::uint32_t groups, std::size_t factor) {
  auto of = nodes(node_count);
  for (std::uint32_t i = 1; i <= groups; ++i)
    of.groups[group_id{i}] = choose_nodes(of, group_id{i}, factor);
  return of;
}

void perform(layout& of, const placement_step& step) {
  auto& group = of.groups.at(step.group);
  group = after(std::move(group), step);
}

/// Plans and performs until nothing is left to do; how many data replicas went to a new node.
std::size_t settle(layout& of) {
  std::size_t moved = 0;
  for (int round = 0; round < 1'000; ++round) {
    const auto plan = plan_placement(of, {}, no_limits);
    if (plan.empty())
      return moved;
    for (const auto& step : plan) {
      moved += step.to && !step.witness ? 1 : 0;
      perform(of, step);
    }
  }
  FAIL("a plan that never ends");
  return moved;
}

std::size_t skew(const layout& of) {
  const auto counts = replica_counts(of);
  const auto [least, most] = std::minmax_element(
      counts.begin(), counts.end(), [](auto& a, auto& b) { return a.second < b.second; });
  return most->second - least->second;
}

std::size_t accepting(const layout& of) {
  return static_cast<std::size_t>(std::count_if(of.nodes.begin(), of.nodes.end(),
                                                [](auto& node) { return node.second.accepts; }));
}

/// Each group has its replicas on nodes that keep them, as many as there are; only where these are
/// too few, further ones wait on nodes that may come back.
void check_settled(const layout& of) {
  for (const auto& [number, group] : of.groups) {
    CAPTURE(number.value);
    const auto is_known = [&](auto node) { return of.nodes.contains(node); };
    if (std::none_of(group.data.begin(), group.data.end(), is_known))
      continue; // Lost.
    const auto good = std::count_if(group.data.begin(), group.data.end(), [&](auto node) {
      return is_known(node) && of.nodes.at(node).keeps;
    });
    CHECK(static_cast<std::size_t>(good) >= std::min(group.factor, accepting(of)));
    CHECK(group.data.size() <= group.factor);
    CHECK(std::all_of(group.data.begin(), group.data.end(), is_known));
    CHECK((!group.witness || !group.data.contains(*group.witness)));
    if (accepting(of) > group.factor) {
      CHECK(group.witness.has_value() == (group.factor % 2 == 0));
      CHECK((!group.witness || of.nodes.at(*group.witness).keeps));
    }
  }
}

TEST_SUITE("core.cluster.placement") {
  TEST_CASE("new groups spread evenly, no two replicas on one node") {
    const auto of = placed(10, 1'000, 3);

    check_settled(of);
    CHECK(skew(of) == 0);
    CHECK(plan_placement(of, {}, {}).empty());
  }

  TEST_CASE("the partners of a node differ from group to group") {
    const auto of = placed(10, 300, 3);

    std::set<node_number> partners;
    for (const auto& [number, group] : of.groups)
      if (group.data.contains(node_number{1}))
        partners.insert(group.data.begin(), group.data.end());
    CHECK(partners.size() == 10);
  }

  TEST_CASE("fewer nodes than replicas wanted: one on each, the rest when nodes come") {
    auto of = placed(2, 5, 3);
    CHECK(of.groups.at(group_id{1}).data.size() == 2);
    CHECK(plan_placement(of, {}, {}).empty());

    of.nodes[node_number{3}] = {.name = "n3"};
    CHECK(settle(of) == 5);
    check_settled(of);
  }

  TEST_CASE("two replicas get a witness where there is a third node") {
    CHECK_FALSE(placed(2, 1, 2).groups.at(group_id{1}).witness.has_value());

    const auto of = placed(3, 30, 2);
    check_settled(of);
    std::map<node_number, int> witnessed;
    for (const auto& [number, group] : of.groups)
      ++witnessed[*group.witness];
    for (const auto& [node, count] : witnessed)
      CHECK(count == 10);
  }

  TEST_CASE("a witness comes when a node does, and goes when the factor is odd") {
    auto of = placed(2, 4, 2);
    of.nodes[node_number{3}] = {.name = "n3"};
    settle(of);
    check_settled(of);

    for (auto& [number, group] : of.groups)
      group.factor = 1;
    settle(of);
    check_settled(of);
    CHECK(skew(of) <= 1);
  }

  TEST_CASE("when one of two is gone for long, the witness's node takes its place") {
    auto of = placed(3, 1, 2);
    const auto& group = of.groups.at(group_id{1});
    const auto witness = *group.witness;
    const auto gone = *group.data.begin();
    of.nodes.at(gone) = {.name = "gone", .accepts = false, .keeps = false};

    std::vector<placement_step> taken;
    for (auto plan = plan_placement(of, {}, {}); !plan.empty(); plan = plan_placement(of, {}, {})) {
      REQUIRE(plan.size() == 1);
      taken.push_back(plan.front());
      perform(of, plan.front());
    }

    CHECK(taken
          == std::vector<placement_step>{{group_id{1}, gone, {}},
                                         {group_id{1}, witness, {}, true},
                                         {group_id{1}, {}, witness}});
    of.nodes.at(gone) = {.name = "back"};
    settle(of);
    CHECK(group.witness == gone);
  }

  TEST_CASE("who comes as the third of three gets its share of the data, not only witnesses") {
    auto of = placed(2, 60, 2);
    of.nodes[node_number{3}] = {.name = "n3"};

    CHECK(settle(of) == 40);

    check_settled(of);
    CHECK(skew(of) <= 1);
  }

  TEST_CASE("one of three that was down for long gets its share again when it is back") {
    auto of = placed(3, 60, 2);
    of.nodes.at(node_number{2}) = {.name = "n2", .accepts = false, .keeps = false};
    settle(of);
    of.nodes.at(node_number{2}) = {.name = "n2"};

    settle(of);

    check_settled(of);
    CHECK(skew(of) <= 1);
  }

  TEST_CASE("a node that is away gets nothing new, keeps what it has, and is missed first") {
    auto of = placed(3, 6, 3);
    of.nodes.at(node_number{2}) = {.name = "n2", .accepts = false, .keeps = true};
    CHECK(plan_placement(of, {}, {}).empty());
    CHECK_FALSE(choose_nodes(of, group_id{99}, 3).data.contains(node_number{2}));

    for (auto& [number, group] : of.groups)
      group.factor = 2;
    for (const auto& step : plan_placement(of, {}, {}))
      CHECK(step == placement_step{step.group, node_number{2}, {}});
  }

  TEST_CASE("the replicas of a dead node go to all others, and nothing else moves") {
    auto of = placed(10, 1'000, 3);
    const auto lost = replica_counts(of).at(node_number{4});
    of.nodes.erase(node_number{4});

    CHECK(settle(of) == lost);
    check_settled(of);
    CHECK(skew(of) <= 1);
  }

  TEST_CASE("a new node takes its fair share, and nothing else moves") {
    for (const std::uint32_t before : {3U, 10U, 99U}) {
      CAPTURE(before);
      auto of = placed(before, 1'000, 3);
      of.nodes[node_number{before + 1}] = {.name = "newcomer"};

      const auto moved = settle(of);

      check_settled(of);
      CHECK(skew(of) <= 1);
      CHECK(moved == replica_counts(of).at(node_number{before + 1}));
      CHECK(moved <= 3'000 / (before + 1));
    }
  }

  TEST_CASE("what a person placed stays there while full nodes are relieved") {
    auto of = placed(3, 30, 1);
    std::set<group_id> moved;
    for (auto& [group, where] : of.groups)
      if (moved.size() < 5 && where.data.contains(node_number{1})) {
        where = after(where, {group, node_number{1}, node_number{2}});
        where.by_hand = {node_number{2}};
        moved.insert(group);
      }
    REQUIRE(moved.size() == 5);

    settle(of);

    for (const auto group : moved)
      CHECK(of.groups.at(group).data == std::set{node_number{2}});
    CHECK(skew(of) <= 1); // Others went instead.

    for (auto& [group, where] : of.groups)
      where.data = where.by_hand = {node_number{2}};
    CHECK(plan_placement(of, {}, {}).empty()); // All of it by hand.
    of.nodes.at(node_number{2}).accepts = of.nodes.at(node_number{2}).keeps = false;
    CHECK_FALSE(plan_placement(of, {}, {}).empty()); // But not on a node that is emptied.
  }

  TEST_CASE("a replica goes where it is at best, unless a person put it elsewhere") {
    auto of = nodes(4);
    const std::set wanted{node_number{1}, node_number{2}};
    of.groups[group_id{1}] = {.factor = 2, .data = {node_number{2}, node_number{3}}, .witness = {}};
    of.groups[group_id{1}].witness = node_number{4};
    of.groups[group_id{1}].at_best = wanted;
    auto by_hand = of;
    by_hand.groups[group_id{1}].by_hand = {node_number{3}};

    const auto plan = plan_placement(of, {}, no_limits);

    REQUIRE(plan.size() == 1);
    CHECK(plan.front() == placement_step{group_id{1}, node_number{3}, node_number{1}});
    CHECK(settle(of) == 1);
    CHECK(of.groups.at(group_id{1}).data == wanted);
    CHECK(plan_placement(by_hand, {}, no_limits).empty());
  }

  TEST_CASE("a node without room gets nothing, and is relieved like any other") {
    auto of = placed(3, 12, 1);
    of.nodes[node_number{4}] = {.name = "n4", .room = 2};
    of.nodes.at(node_number{1}).room = 0;

    const auto plan = plan_placement(of, {}, no_limits);

    const auto to_n4 = std::count_if(plan.begin(), plan.end(), [](const auto& step) {
      return step.to == node_number{4};
    });
    CHECK(to_n4 == 2);
    CHECK(std::none_of(plan.begin(), plan.end(),
                       [](const auto& step) { return step.to == node_number{1}; }));
    CHECK_FALSE(choose_nodes(of, group_id{99}, 3).data.contains(node_number{1}));

    of.nodes.erase(node_number{2}); // Its four go to the third, which has room.
    for (const auto& step : plan_placement(of, {}, no_limits))
      CHECK(step.to != node_number{1});
  }

  TEST_CASE("no more is on the move than the limits allow, and no group twice") {
    auto of = placed(4, 200, 2);
    of.nodes.erase(node_number{2});
    of.nodes[node_number{5}] = {.name = "n5"};
    of.nodes[node_number{6}] = {.name = "n6"};
    std::mt19937_64 random{11};
    std::vector<placement_step> moving;

    for (int round = 0; round < 10'000; ++round) {
      const auto plan = plan_placement(of, moving, {.in_max = 2, .out_max = 1});
      moving.insert(moving.end(), plan.begin(), plan.end());
      if (moving.empty())
        break;
      std::map<node_number, int> in;
      std::map<node_number, int> out;
      std::set<group_id> groups;
      for (const auto& step : moving) {
        CHECK(groups.insert(step.group).second);
        if (step.witness)
          continue;
        CHECK(++in[*step.to] <= 2);
        if (step.from && of.nodes.contains(*step.from))
          CHECK(++out[*step.from] <= 1);
      }
      const auto done = moving.begin() + static_cast<std::ptrdiff_t>(random() % moving.size());
      perform(of, *done);
      moving.erase(done);
    }

    CHECK(moving.empty());
    check_settled(of);
    CHECK(skew(of) <= 1);
  }

  TEST_CASE("a group that lost all its replicas is left to the operator") {
    auto of = placed(4, 8, 1);
    of.groups.at(group_id{1}).data = {node_number{9}};
    for (const auto& step : plan_placement(of, {}, {}))
      CHECK(step.group != group_id{1});
  }

  TEST_CASE("lost replicas are replaced before full nodes are relieved") {
    auto of = placed(3, 30, 3);
    of.nodes[node_number{4}] = {.name = "n4"};
    of.nodes.erase(node_number{3});

    for (const auto& step : plan_placement(of, {}, {}))
      CHECK(step.from == node_number{3});
  }

  TEST_CASE("from any layout to a good one, through every step") {
    std::mt19937_64 random{5};
    for (int round = 0; round < 300; ++round) {
      CAPTURE(round);
      auto of = nodes(static_cast<std::uint32_t>(1 + random() % 9));
      for (auto& [number, node] : of.nodes) {
        node.accepts = random() % 5 != 0;
        node.keeps = node.accepts || random() % 2 == 0;
      }
      for (auto groups = random() % 40; groups > 0; --groups) {
        auto& group = of.groups[group_id{static_cast<std::uint32_t>(groups)}];
        group.factor = 1 + random() % 4;
        for (auto replicas = 1 + random() % 5; replicas > 0; --replicas)
          group.data.insert(node_number{static_cast<std::uint32_t>(1 + random() % 11)});
        const node_number witness{static_cast<std::uint32_t>(1 + random() % 11)};
        if (random() % 2 == 0 && !group.data.contains(witness))
          group.witness = witness;
      }
      if (accepting(of) == 0)
        continue;

      settle(of);

      check_settled(of);
      // A witness on the emptiest node may be in the way of a move.
      if (std::none_of(of.groups.begin(), of.groups.end(),
                       [](auto& group) { return group.second.witness.has_value(); }))
        CHECK(skew(of) <= 1);
    }
  }
}

} // namespace
