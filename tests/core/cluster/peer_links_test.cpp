#include "core/cluster/peer_links.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::cluster;

namespace {

constexpr node_number n1{1};
constexpr node_number n2{2};
constexpr node_number n3{3};
constexpr node_number n4{4};

node_entry called(const std::string& name) {
  return {name, name + ":6335", name + ":6333"};
}

/// Founders a, b, c, and d that came later.
metadata four_nodes() {
  metadata state;
  REQUIRE(state.apply(found_cluster{"the-cluster", {called("a"), called("b"), called("c")}}).ok());
  REQUIRE(state.apply(add_node{called("d")}).ok());
  return state;
}

} // namespace

TEST_SUITE("core.cluster.peer_links") {
  TEST_CASE("a node has one link to each other, and none to itself") {
    const auto plan = plan_peer_links(four_nodes(), n2, {n1, n3});
    CHECK(plan.begin == std::map<node_number, std::string>{{n4, "d:6335"}});
    CHECK(plan.end.empty());

    const auto from_nothing = plan_peer_links(four_nodes(), n4, {});
    CHECK(from_nothing.begin
          == std::map<node_number, std::string>{{n1, "a:6335"}, {n2, "b:6335"}, {n3, "c:6335"}});
  }

  TEST_CASE("links to removed nodes, and to nobody, end") {
    auto state = four_nodes();
    REQUIRE(state.apply(set_node_state{n4, node_state::leaving}).ok());
    CHECK(plan_peer_links(state, n1, {n2, n3, n4}).end.empty());
    REQUIRE(state.apply(set_node_state{n4, node_state::removed}).ok());

    const auto plan = plan_peer_links(state, n1, {n2, n3, n4, node_number{9}});

    CHECK(plan.begin.empty());
    CHECK(plan.end == std::set<node_number>{n4, node_number{9}});
    CHECK(plan_peer_links(state, n1, {n2, n3}).begin.empty());
  }

  TEST_CASE("nothing changes before the nodes are known") {
    const auto plan = plan_peer_links(metadata{}, n1, {n2, n3});
    CHECK(plan.begin.empty());
    CHECK(plan.end.empty());
  }
}
