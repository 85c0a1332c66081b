#include "core/cluster/known_leader.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::cluster;

namespace {

constexpr node_number self{1};
constexpr node_number n2{2};
constexpr node_number n3{3};

TEST_SUITE("core.cluster.known_leader") {
  TEST_CASE("a hint counts until the replica here says more") {
    known_leader of;
    CHECK_FALSE(of.leader());
    of.hinted(n2);
    CHECK(of.leader() == n2);
    of.told_by_replica(term{4}, n3, false);
    CHECK(of.leader() == n3);
    of.hinted(n2);
    CHECK(of.leader() == n2);
  }

  TEST_CASE("a late word about an old leader does not hide that the replica here leads") {
    known_leader of;
    of.told_by_replica(term{4}, self, true);
    of.hinted(n2);
    CHECK(of.leader() == self);
    of.hinted({});
    CHECK(of.leader() == self);
    of.told_by_replica(term{5}, {}, false);
    CHECK_FALSE(of.leader());
    of.hinted(n2);
    CHECK(of.leader() == n2);
  }

  TEST_CASE("what a replica said of an older term is dropped") {
    known_leader of;
    of.told_by_replica(term{5}, n3, false);
    of.told_by_replica(term{4}, self, true);
    CHECK(of.leader() == n3);
  }
}

} // namespace
