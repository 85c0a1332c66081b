#include "core/cluster/lost_majority.hpp"

#include "tests/core/cluster/small_cluster.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::cluster;

namespace {

constexpr node_number n1{1};
constexpr node_number n2{2};
constexpr node_number n3{3};

std::string refusal(const metadata& state, node_number self, const std::set<node_number>& connected,
                    const std::vector<std::string>& lost) {
  const auto plan = plan_lone_survival(state, self, connected, lost);
  return plan ? "" : plan.error().detail;
}

} // namespace

TEST_SUITE("cluster.lost_majority") {
  TEST_CASE("the last of three goes on alone with all that it has, and the others may come back") {
    auto state = small_cluster(3, 2, 3);
    const auto plan = plan_lone_survival(state, n2, {}, {"n1", "n3"});
    REQUIRE(plan.ok());
    CHECK(plan->alone.size() == 3); // The control plane and two shards.
    for (const auto& [group, replica] : plan->alone)
      CHECK(state.groups().at(group).find(replica)->node == n2);
    CHECK(plan->lost.empty());
    REQUIRE(plan->replaced.size() == 2);
    for (const auto& command : plan->replaced)
      must(state, command);
    CHECK(state.nodes().at(n1).state == node_state::removed);
    CHECK(state.nodes().at(n2).state == node_state::active);
    CHECK(state.nodes().at(n3).state == node_state::removed);
    CHECK(state.nodes().at(node_number{4}).state == node_state::expected);
    CHECK(state.nodes().at(node_number{5}).state == node_state::expected);
  }

  TEST_CASE("shards that have a majority are left alone, those without a copy are told") {
    const auto state = small_cluster(3, 8, 1);
    const auto plan = plan_lone_survival(state, n1, {}, {"n2", "n3"});
    REQUIRE(plan.ok());
    for (const auto& [group, replicas] : state.groups()) {
      if (group == metadata_group)
        continue;
      const auto is_here = replicas.on(n1) != nullptr;
      CHECK_FALSE(plan->alone.contains(group)); // One of one is a majority, none of one is none.
      CHECK(std::count(plan->lost.begin(), plan->lost.end(), group) == (is_here ? 0 : 1));
    }
  }

  TEST_CASE("it is refused wherever it is not needed, not said outright, or not the last copy") {
    const auto state = small_cluster(3, 1, 3);
    CHECK(refusal(state, n1, {n2}, {"n3"}).find("without --lost-majority") != std::string::npos);
    CHECK(refusal(state, n1, {n2}, {"n2", "n3"})
          == "node `n2` is up and connected: it is not lost");
    CHECK(refusal(state, n1, {}, {"n1", "n2"}) == "node `n1` is up and connected: it is not lost");
    CHECK(refusal(state, n1, {}, {"n2"})
          == "node `n3` does not answer either: name it as well if its disk is lost, or start it");
    CHECK(refusal(state, n1, {}, {"n2", "n9"}) == "there is no node `n9`");
    CHECK(refusal({}, n1, {}, {}) == "the control plane is not ready yet here");

    const auto five = small_cluster(5, 1, 3);
    CHECK(refusal(five, n1, {n2}, {"n3", "n4", "n5"}).find("more than one copy")
          != std::string::npos);
    const auto four = small_cluster(4, 1, 1);
    node_number outsider{1};
    std::vector<std::string> members;
    for (const auto& each : four.groups().at(metadata_group).replicas)
      members.push_back("n" + std::to_string(each.node.value));
    while (four.groups().at(metadata_group).on(outsider) != nullptr)
      outsider = outsider.next();
    const auto last = four.find_node(members.back());
    members.pop_back();
    CHECK(refusal(four, outsider, {*last}, members).find("ask that one") != std::string::npos);
  }
}
